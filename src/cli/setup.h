// From what the user typed to the library's options. Errors here are errors in arguments, or in files they
// name.
#pragma once

#include "cli/flags.h"

#include <bulla/config.h>
#include <bulla/os.h>

#include <string>
#include <string_view>

namespace bulla::cli {

/// Versions, groups, suites, key log.
Result<CommonOptions> common_options(const TlsFlags& flags);

/// What a --ca or --client-ca names: a file or folder, or "nss:FOLDER" for an NSS database ("nss:" alone is
/// ~/.pki/nssdb), whose trust for this purpose counts. Errors: those of roots_from_path, trust::nss_roots.
Result<RootStore> roots_named(const std::string& text,
                              CertificatePurpose purpose = CertificatePurpose::server);

/// The certificate and key that the flags name. An encrypted key is opened with the passphrase file's first
/// line, or with what the user types on the terminal.
Result<IdentityPtr> load_identity(const IdentityFlags& flags);

/// A client's options; system roots where nothing else is said.
Result<ClientOptions> client_options(const TlsFlags& tls, const TrustFlags& trust,
                                     const IdentityFlags& identity);

/// A server's options with this identity; tickets, resumption and client authentication set up.
Result<ServerOptions> server_options(const TlsFlags& tls, const ClientAuthFlags& clients,
                                     IdentityPtr identity);

/// The same error; where the server's certificate seems to be from this machine's local CA and nothing was
/// trusted by --ca, the remedy names that CA's file. Trusting it is safe whoever the server is: only this
/// user holds its key.
Error hint_at_local_ca(Error error, const TrustFlags& trust);

/// A comma-separated ALPN list: "h2,http/1.1".
std::vector<std::string> alpn_list(std::string_view text);

}  // namespace bulla::cli
