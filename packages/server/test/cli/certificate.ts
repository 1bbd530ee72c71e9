// Certificates that nobody has signed, for servers on loopback.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface CertificateFiles {
  readonly certPath: string;
  readonly keyPath: string;
  /** As PEM. */
  readonly cert: string;
}

/** Writes one and its key into a folder, with OpenSSL, valid for a day; over the one before. */
export async function writeCertificate(folder: string): Promise<CertificateFiles> {
  const [certPath, keyPath] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  await run("openssl", [
    ...["req", "-x509", "-nodes", "-days", "1", "-subj", "/CN=localhost"],
    ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
    ...["-keyout", keyPath, "-out", certPath],
  ]);
  return { certPath, keyPath, cert: await readFile(certPath, "utf8") };
}
