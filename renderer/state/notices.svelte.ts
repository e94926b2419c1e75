import type { Notice } from '../../preload/contract/dto.ts';

/** A notice on show. */
export interface ShownNotice extends Notice {
  readonly key: number;
}

const shownForMs = 8000;

/** What a person should know; errors stay until dismissed. */
export class NoticeState {
  list = $state.raw<readonly ShownNotice[]>([]);
  #next = 1;

  show(notice: Notice): void {
    const key = this.#next++;
    this.list = [...this.list.filter((shown) => shown.message !== notice.message), { ...notice, key }];
    if (notice.tone !== 'error') setTimeout(() => this.dismiss(key), shownForMs);
  }

  dismiss(key: number): void {
    this.list = this.list.filter((shown) => shown.key !== key);
  }
}
