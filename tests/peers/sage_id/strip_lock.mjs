// `npm run lock` ends here: the lock keeps versions and hashes, and no web address.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
for (const library of Object.values(lock.packages)) {
  delete library.resolved;
  delete library.funding;
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
