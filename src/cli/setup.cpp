#include "cli/setup.h"

#include "cli/terminal.h"
#include "os/shell_word.h"

#include <bulla/trust.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <filesystem>

namespace bulla::cli {
namespace {

constexpr std::array all_suites = {
    CipherSuite::aes_128_gcm_sha256,
    CipherSuite::aes_256_gcm_sha384,
    CipherSuite::chacha20_poly1305_sha256,
    CipherSuite::ecdhe_ecdsa_with_aes_128_gcm_sha256,
    CipherSuite::ecdhe_ecdsa_with_aes_256_gcm_sha384,
    CipherSuite::ecdhe_rsa_with_aes_128_gcm_sha256,
    CipherSuite::ecdhe_rsa_with_aes_256_gcm_sha384,
    CipherSuite::ecdhe_rsa_with_chacha20_poly1305_sha256,
    CipherSuite::ecdhe_ecdsa_with_chacha20_poly1305_sha256,
};
constexpr std::array all_groups = {NamedGroup::x25519mlkem768,    NamedGroup::x25519,
                                   NamedGroup::secp256r1,         NamedGroup::secp384r1,
                                   NamedGroup::secp521r1,         NamedGroup::secp256r1mlkem768,
                                   NamedGroup::secp384r1mlkem1024};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// The names that people and other tools use for the NIST curves.
std::string registered_group(std::string_view text) {
  const std::string name = lower(text);
  if (name == "p-256" || name == "p256" || name == "prime256v1") return "secp256r1";
  if (name == "p-384" || name == "p384") return "secp384r1";
  if (name == "p-521" || name == "p521") return "secp521r1";
  return name;
}

template <class E, size_t N>
Result<E> find_by_name(const std::array<E, N>& all, std::string_view wanted, std::string_view what) {
  std::string known;
  for (const E value : all) {
    if (lower(name_of(value)) == lower(wanted)) return value;
    known += (known.empty() ? "" : ", ") + name_of(value);
  }
  return Error{ErrorCode::bad_argument,
               "no " + std::string(what) + " is called \"" + printable(wanted) + "\"", "use one of " + known};
}

Error with_remedy(Error error, std::string remedy) {
  error.remedy = std::move(remedy);
  return error;
}

VersionRange version_range(std::string_view text) {
  const auto lowest = text.starts_with("1.2") ? ProtocolVersion::tls12 : ProtocolVersion::tls13;
  const auto highest = text.ends_with("1.3") ? ProtocolVersion::tls13 : ProtocolVersion::tls12;
  return {lowest, highest};
}

}  // namespace

Result<CommonOptions> common_options(const TlsFlags& flags) {
  CommonOptions common;
  common.versions = version_range(flags.versions);
  for (const std::string& text : flags.suites) {
    BULLA_TRY(const CipherSuite suite, find_by_name(all_suites, text, "cipher suite"));
    common.cipher_suites.push_back(suite);
  }
  for (const std::string& text : flags.groups) {
    BULLA_TRY(const NamedGroup group, find_by_name(all_groups, registered_group(text), "group"));
    common.groups.push_back(group);
  }
  if (flags.key_log.empty()) {
    common.key_log = KeyLogFile::from_env();
    const char* wanted = std::getenv("SSLKEYLOGFILE");
    if (!common.key_log && wanted && *wanted)
      say("bulla: note: no key log: " + printable(wanted) + ", which SSLKEYLOGFILE names, cannot be written");
  } else {
    BULLA_TRY(common.key_log, KeyLogFile::open(flags.key_log));
  }
  return common;
}

Result<RootStore> roots_named(const std::string& text, CertificatePurpose purpose) {
  constexpr std::string_view scheme = "nss:";
  if (!text.starts_with(scheme)) return roots_from_path(text);
  const std::string place = text.substr(scheme.size());
  return trust::nss_roots(place.empty() ? trust::Machine::here().home + "/.pki/nssdb" : place, purpose);
}

Result<IdentityPtr> load_identity(const IdentityFlags& flags) {
  // PEM files often hold both; a DER file of a certificate holds no key, and says so.
  const std::string& key = flags.key.empty() ? flags.certificate : flags.key;
  if (!flags.passphrase_file.empty()) {
    BULLA_TRY(const SecretBytes passphrase, read_passphrase_file(flags.passphrase_file));
    return Identity::from_pem_files(flags.certificate, key, as_text(passphrase.reveal()));
  }
  auto identity = Identity::from_pem_files(flags.certificate, key);
  if (!identity && identity.error().code == ErrorCode::key_not_found && flags.key.empty())
    return with_remedy(identity.error(), "give the certificate's private key: --key FILE");
  if (identity || identity.error().code != ErrorCode::key_passphrase_needed) return identity;
  const auto passphrase = prompt_passphrase("Passphrase of " + printable(key) + ": ");
  if (!passphrase) return identity;
  return Identity::from_pem_files(flags.certificate, key, as_text(passphrase->reveal()));
}

Result<ClientOptions> client_options(const TlsFlags& tls, const TrustFlags& trust,
                                     const IdentityFlags& identity) {
  // What promises a stapled response is held to it, and what a server staples is believed to be revoked.
  ClientOptions options{.ocsp = OcspStapling::requested};
  BULLA_TRY(options.common, common_options(tls));
  if (trust.insecure) {
    options.verifier = dangerous::accept_any_certificate("--insecure was given");
  } else if (trust.ca.empty()) {
    BULLA_TRY(options.roots, system_roots());
  } else {
    BULLA_TRY(options.roots, roots_named(trust.ca));
  }
  if (!identity.certificate.empty()) {
    BULLA_TRY(options.identity, load_identity(identity));
  }
  return options;
}

Result<ServerOptions> server_options(const TlsFlags& tls, const ClientAuthFlags& clients,
                                     IdentityPtr identity) {
  ServerOptions options;
  BULLA_TRY(options.common, common_options(tls));
  options.identity = std::move(identity);
  options.tickets = RotatingTickets::fresh();
  options.session_cache = std::make_shared<MemorySessionCache>();
  if (!clients.ca.empty()) {
    BULLA_TRY(options.client_roots, roots_named(clients.ca, CertificatePurpose::client));
    options.client_auth = clients.demand == "optional" ? ClientAuth::optional : ClientAuth::required;
  }
  return options;
}

Error hint_at_local_ca(Error error, const TrustFlags& trust) {
  const bool is_ours = error.code == ErrorCode::certificate_unknown_issuer &&
                       error.detail.find("Bulla local CA") != std::string::npos;
  const auto folder = data_folder();
  if (!is_ours || !trust.ca.empty() || !folder) return error;
  const std::string certificate = *folder + "/ca.pem";
  std::error_code ignored;
  if (std::filesystem::exists(certificate, ignored))
    error.remedy = "this looks like a certificate of the local CA of `bulla serve`; trust it with --ca " +
                   shell_word(certificate);
  return error;
}

std::vector<std::string> alpn_list(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    if (const auto name = text.substr(0, comma); !name.empty()) out.emplace_back(name);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return out;
}

}  // namespace bulla::cli
