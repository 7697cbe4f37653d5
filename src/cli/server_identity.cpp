#include "cli/server_identity.h"

#include "cli/account.h"
#include "cli/ca_files.h"
#include "cli/setup.h"
#include "cli/terminal.h"

#include <bulla/ca.h>

#include <algorithm>
#include <filesystem>

namespace bulla::cli {
namespace {

bool is_wildcard(const std::string& host) {
  return host.empty() || host == "0.0.0.0" || host == "::" || host == "*";
}

std::vector<std::string> names_for(const ServerIdentityFlags& flags, const Endpoint& where) {
  std::vector<std::string> names = pki::LocalCa::local_names();
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  if (!is_wildcard(where.host)) add(where.host);
  for (const std::string& name : flags.names) add(name);
  return names;
}

std::string certificate_lines(const Certificate& leaf) {
  std::string names;
  for (const std::string& name : leaf.names()) names += (names.empty() ? "" : ", ") + printable(name);
  if (names.empty()) names = "no name: clients will refuse it, whatever they call this server";
  return account_line("certificate", printable(leaf.subject()) + " for " + names) +
         account_line("validity", pki::describe_validity(leaf, now())) +
         account_line("fingerprint", "SHA-256 " + fingerprint_sha256(leaf));
}

Result<ServerIdentity> given_identity(const ServerIdentityFlags& flags) {
  ServerIdentity out;
  BULLA_TRY(out.identity, load_identity(flags.given));
  out.story = certificate_lines(out.identity->leaf()) + account_line("from", flags.given.certificate);
  return out;
}

/// An earlier run's certificate may be replaced, and nothing else: it would be lost.
Result<void> check_replaceable(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {};
  const auto content = read_file(path);
  const bool only_certificates = content && Certificate::from_pem_or_der(*content) &&
                                 as_text(*content).find("PRIVATE KEY") == std::string_view::npos;
  if (only_certificates) return {};
  return Error{ErrorCode::file_exists, printable(path) + " holds something else than a certificate"};
}

Result<ServerIdentity> self_signed_identity(const ServerIdentityFlags& flags, const Endpoint& where) {
  ServerIdentity out;
  const pki::SelfSigned wanted{.names = names_for(flags, where)};
  BULLA_TRY(const pki::Issued made, wanted.issue());
  BULLA_TRY(out.identity, made.identity());
  out.story = certificate_lines(out.identity->leaf()) +
              account_line("signed by", "itself, just now; the key is only in memory");
  if (flags.certificate_out.empty()) {
    out.story += account_line("to trust it", "add --cert-out FILE, and give that file to the client");
    return out;
  }
  BULLA_TRY(check_replaceable(flags.certificate_out));
  out.to_publish = made.chain_pem();
  out.trust_file = flags.certificate_out;
  out.story += account_line("written to", flags.certificate_out);
  return out;
}

ServerIdentity kept(const pki::LocalCa::Fitting& fitting, const std::string& root_path,
                    std::string_view ca_story) {
  return {.identity = fitting.identity,
          .trust_file = root_path,
          .story = certificate_lines(fitting.identity->leaf()) +
                   account_line("from", fitting.certificate_path) + account_line("key", fitting.key_path) +
                   account_line("local CA", root_path + std::string(ca_story))};
}

/// From the CA that `bulla ca init` made, so that one root is enough for all that this user makes. Nothing
/// where there is none. Where it cannot sign by itself, that is said, and the local CA serves.
std::optional<ServerIdentity> identity_of_recorded_ca(const std::vector<std::string>& names) {
  const auto folder = default_ca_folder();
  if (!folder || !ca::Authority::is_there(*folder)) return {};
  const auto ca = ca::Authority::open(*folder);
  const auto fitting = ca ? ca->fitting_identity(names) : ca.error();
  if (fitting) return kept(*fitting, ca->root_path(), "");
  say("bulla: note: the CA in " + printable(*folder) + " is not used: " +
      printable(fitting.error().message()) + "; `bulla ca issue` makes a certificate for --cert and --key");
  return {};
}

Result<ServerIdentity> identity_of_own_ca(const ServerIdentityFlags& flags, const Endpoint& where) {
  const std::vector<std::string> names = names_for(flags, where);
  if (auto recorded = identity_of_recorded_ca(names)) return *std::move(recorded);
  BULLA_TRY(const pki::LocalCa ca, open_local_ca());
  BULLA_TRY(const auto fitting, local_identity(ca, names));
  return kept(fitting, ca.certificate_path(), ca.newly_made() ? " (just made)" : "");
}

}  // namespace

Result<ServerIdentity> server_identity(const ServerIdentityFlags& flags, const Endpoint& where) {
  if (!flags.given.certificate.empty()) return given_identity(flags);
  return flags.self_signed ? self_signed_identity(flags, where) : identity_of_own_ca(flags, where);
}

Result<pki::LocalCa::Fitting> local_identity(const pki::LocalCa& ca, const std::vector<std::string>& names) {
  if (!ca::Authority::keeps_records(ca.folder())) return ca.fitting_identity(names);
  const auto recorded = ca::Authority::open(ca.folder());
  auto fitting = recorded ? recorded->fitting_identity(names) : recorded.error();
  if (fitting) return fitting;
  // A server does not stay away because of its CA's records; what they missed, they have the next time.
  say("bulla: note: " + printable(fitting.error().message()) + "; `bulla ca list` says more");
  return ca.fitting_identity(names);
}

Result<pki::LocalCa> open_local_ca() {
  auto ca = pki::LocalCa::open();
  if (ca || ca.error().code != ErrorCode::file_not_writable) return ca;
  Error error = ca.error();
  error.remedy =
      "the local CA is kept there: set XDG_DATA_HOME to a folder that this user may write to; servers can do "
      "without, given --cert and --key";
  return error;
}

ExitStatus report_identity(const ServerIdentityFlags& flags, const Error& error) {
  const bool is_local = flags.given.certificate.empty() && !flags.self_signed;
  return is_local && error.row().fault != Fault::api_misuse ? report(error) : report_usage(error);
}

Result<void> publish(const ServerIdentityFlags& flags, const ServerIdentity& identity) {
  if (identity.to_publish.empty()) return {};
  BULLA_TRY(check_replaceable(flags.certificate_out));
  return write_file(flags.certificate_out, as_bytes(identity.to_publish));
}

std::string reachable_host(const Endpoint& where) {
  return is_wildcard(where.host) ? "localhost" : where.host;
}

std::string url_of(const Endpoint& where, uint16_t port) {
  return "https://" + Endpoint{reachable_host(where), port}.to_string() + "/";
}

}  // namespace bulla::cli
