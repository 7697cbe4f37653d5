// Which certificate a server of this program shows, and how a client comes to trust it.
#pragma once

#include "cli/exit_status.h"
#include "cli/flags.h"

#include <bulla/certificate.h>
#include <bulla/os.h>
#include <bulla/pki.h>

#include <string>
#include <vector>

namespace bulla::cli {

struct ServerIdentityFlags {
  IdentityFlags given = {};
  bool self_signed = false;
  std::string certificate_out = {};
  std::vector<std::string> names = {};  ///< further names for a certificate that is made
};

struct ServerIdentity {
  IdentityPtr identity = {};
  /// What a client needs to trust it: a file for --ca; empty where there is none.
  std::string trust_file = {};
  /// A certificate that was made and is to be written for clients: PEM.
  std::string to_publish = {};
  /// Where certificate and key come from, for a person: whole lines.
  std::string story = {};
};

/// The given one; or a self-signed one made now; or one from the CA of `bulla ca init`, if it signs without a
/// passphrase; or one from the local CA, which is made if need be. What is made carries the names of this
/// machine, of `where` if that is a name or address, and the further ones.
Result<ServerIdentity> server_identity(const ServerIdentityFlags& flags, const Endpoint& where);

/// The local CA, made if need be; an error says what its folder is for.
Result<pki::LocalCa> open_local_ca();
/// LocalCa::fitting_identity; where `bulla ca` keeps records of that CA, what it issues is recorded.
Result<pki::LocalCa::Fitting> local_identity(const pki::LocalCa& ca, const std::vector<std::string>& names);
/// What came of server_identity() is the fault of the command line only as far as the command line names
/// files.
ExitStatus report_identity(const ServerIdentityFlags& flags, const Error& error);

/// Writes the certificate for --cert-out. To be called when the port is ours: a second server that fails to
/// start must not take the first one's file away. Error file_exists where something else than certificates
/// stands there.
Result<void> publish(const ServerIdentityFlags& flags, const ServerIdentity& identity);

/// How to reach a server that listens on `where`: a wildcard address becomes localhost.
std::string reachable_host(const Endpoint& where);
/// "https://localhost:8443/"
std::string url_of(const Endpoint& where, uint16_t port);

}  // namespace bulla::cli
