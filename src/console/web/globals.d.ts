/** Put in by `build-web.ts`. */
declare const SAMPLES_URL: string
