import { createClient } from './api/client.ts';
import { openWindow } from './open-window.ts';

await openWindow(createClient());
