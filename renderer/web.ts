import { createFake } from './api/fake.ts';
import { openWindow } from './open-window.ts';

// Seen with `?photos=10000`, say, in the address.
const photos = Number(new URLSearchParams(location.search).get('photos') ?? 0);
await openWindow(createFake({ photos }));
