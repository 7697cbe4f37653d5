#include "cli/flags.h"

#include <CLI/CLI.hpp>

namespace bulla::cli {

void add_tls_flags(CLI::App& verb, TlsFlags& flags) {
  verb.add_option("--tls", flags.versions, "TLS versions to speak: 1.2, 1.3 or 1.2-1.3")
      ->check(CLI::IsMember({"1.2", "1.3", "1.2-1.3"}))
      ->option_text("VERSIONS [1.2-1.3]");
  verb.add_option("--groups", flags.groups,
                  "Key exchange groups in order of preference: X25519MLKEM768,x25519,P-256, ...")
      ->delimiter(',')
      ->option_text("LIST");
  verb.add_option("--suites", flags.suites, "Cipher suites in order of preference, by their registered names")
      ->delimiter(',')
      ->option_text("LIST");
  verb.add_option("--keylog", flags.key_log,
                  "Append the secrets of connections to FILE, for Wireshark (default: the file that "
                  "SSLKEYLOGFILE names)")
      ->option_text("FILE");
  verb.add_flag("-v,--verbose", flags.verbose, "Show each step of the handshake, and what was agreed");
}

void add_identity_flags(CLI::App& verb, IdentityFlags& flags) {
  auto* certificate = verb.add_option("--cert", flags.certificate,
                                      "Certificate to show to the peer, with its chain: PEM or DER")
                          ->option_text("FILE");
  verb.add_option("--key", flags.key, "Its private key: PEM or DER (default: in the file of --cert)")
      ->option_text("FILE")
      ->needs(certificate);
  verb.add_option("--passphrase-file", flags.passphrase_file,
                  "First line: the passphrase of the key (default: ask on the terminal)")
      ->option_text("FILE")
      ->needs(certificate);
}

void add_trust_flags(CLI::App& verb, TrustFlags& flags) {
  auto* ca =
      verb.add_option(
              "--ca", flags.ca,
              "Trust the certificates of this file, folder or NSS database, and no others (default: the "
              "system's)")
          ->option_text("FILE|DIR|nss:DIR");
  verb.add_flag("--insecure", flags.insecure, "Do not verify who the server is")->excludes(ca);
}

void add_client_auth_flags(CLI::App& verb, ClientAuthFlags& flags) {
  auto* ca = verb.add_option("--client-ca", flags.ca,
                             "Ask clients for a certificate from a CA of this file, folder or NSS database")
                 ->option_text("FILE|DIR|nss:DIR");
  verb.add_option("--client-auth", flags.demand,
                  "required: refuse clients without a certificate; optional: serve them too")
      ->check(CLI::IsMember({"required", "optional"}))
      ->option_text("required|optional [required]")
      ->needs(ca);
}

}  // namespace bulla::cli
