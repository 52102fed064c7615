// Unpacks the Chromium of @sparticuz/chromium, its libraries and its font into TMPDIR.
import { inflate } from "@sparticuz/chromium";

for (const name of ["chromium.br", "al2023.tar.br", "fonts.tar.br"]) {
  await inflate(`node_modules/@sparticuz/chromium/bin/${name}`);
}
