import { fileURLToPath } from 'node:url';

/** A photo in colour that comes with the program: what is measured where nobody names another. */
export const samplePhoto = fileURLToPath(new URL('../../resources/samples/friends.jpg', import.meta.url));
