#include "cli/ca_files.h"

#include "asn1/time.h"
#include "cli/account.h"
#include "cli/terminal.h"
#include "os/shell_word.h"

#include <CLI/CLI.hpp>

#include <filesystem>

namespace bulla::cli {
namespace {

struct NamedUse {
  const char* text;
  pki::CertificateUse use;
};
constexpr NamedUse uses[] = {{"server", pki::CertificateUse::server},
                             {"client", pki::CertificateUse::client},
                             {"both", pki::CertificateUse::both}};

bool is_there(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// ,"name":"value", or null for an empty one.
std::string optional_field(std::string_view name, std::string_view value) {
  return value.empty() ? ",\"" + std::string(name) + "\":null" : ',' + json_field(name, value);
}

/// The record of the certificate whose key stands in this file, if it is of this CA.
std::optional<ca::Record> record_of_key(const ca::Authority& authority, const std::string& path) {
  const auto text = read_secret_file(path);
  const auto records = authority.records();
  if (!text || !records) return {};
  const auto key = pki::KeyPair::load(text->reveal());
  if (!key) return {};
  const std::vector<uint8_t> spki = pki::encode_public_key(key->public_key());
  for (const ca::Record& record : *records)
    if (equal_vartime(record.certificate->spki(), spki)) return record;
  return {};
}

}  // namespace

void add_ca_folder_flag(CLI::App& verb, std::string& folder) {
  verb.add_option("--dir", folder,
                  "The CA's folder (default: that of `bulla ca init`, or else that of `bulla serve`)")
      ->option_text("DIR");
}

Result<std::string> default_ca_folder() {
  BULLA_TRY(const std::string data, data_folder());
  return data + "/ca";
}

Result<std::string> ca_folder(const std::string& folder) {
  if (!folder.empty()) return folder;
  BULLA_TRY(const std::string own, default_ca_folder());
  BULLA_TRY(const std::string local, data_folder());
  const bool adopts = !ca::Authority::is_there(own) && ca::Authority::is_there(local);
  return adopts ? local : own;
}

Result<ca::Authority> open_ca(const std::string& folder) {
  BULLA_TRY(const std::string chosen, ca_folder(folder));
  return ca::Authority::open(chosen);
}

std::string folder_words(const std::string& folder) {
  return folder.empty() ? "" : " --dir " + shell_word(folder);
}

Result<ca::Issuer> unlock_ca(const ca::Authority& authority, const std::string& passphrase_file) {
  return with_ca_passphrase(authority.certificate(), passphrase_file,
                            [&](std::string_view passphrase) { return authority.unlock(passphrase); });
}

void add_ca_passphrase_flag(CLI::App& verb, std::string& passphrase_file) {
  verb.add_option("--ca-passphrase-file,--passphrase-file", passphrase_file,
                  "First line: the passphrase of the CA's key (default: ask on the terminal)")
      ->option_text("FILE");
}

void add_revocation_url_flags(CLI::App& verb, ca::RevocationUrls& urls) {
  verb.add_option("--crl-url", urls.crl, "Where the certificate says that the CRL lies: http://...")
      ->option_text("URL [that of `ca init`]");
  verb.add_option("--ocsp-url", urls.ocsp, "Where it says that the OCSP responder answers: http://...")
      ->option_text("URL [that of `ca init`]");
}

void add_template_flag(CLI::App& verb, std::string& text) {
  std::vector<std::string> known;
  for (const NamedUse& one : uses) known.emplace_back(one.text);
  verb.add_option("--template", text, "What the certificate is for: server, client or both")
      ->check(CLI::IsMember(known))
      ->option_text("TEMPLATE [server]");
}

pki::CertificateUse use_of(const std::string& text) {
  for (const NamedUse& one : uses)
    if (text == one.text) return one.use;
  return pki::CertificateUse::server;
}

ExitStatus report_ca(const Error& error) {
  switch (error.code) {
    // What was typed, or the files that it names.
    case ErrorCode::key_passphrase_needed:
    case ErrorCode::key_passphrase_wrong:
    case ErrorCode::ca_not_found:
    case ErrorCode::ca_exists: return report_usage(error);
    default: return report(error);
  }
}

ExitStatus report_in_the_way(const ca::Authority& authority, const OutputPaths& paths,
                             const std::string& folder, Error error) {
  if (error.code != ErrorCode::file_exists || is_there(paths.product)) return report_usage(error);
  if (const auto record = record_of_key(authority, paths.key)) {
    error.detail +=
        ": an earlier run was cut off before it wrote the certificate of this key, which is recorded";
    error.remedy = "`bulla ca show" + folder_words(folder) + " --pem " + record->serial() + " > " +
                   shell_word(paths.product) + "` writes it";
  }
  return report_usage(error);
}

ExitStatus report_unwritten(const std::string& folder, const std::string& serial, Error error) {
  error.detail += "; the certificate " + serial + " is recorded all the same";
  error.remedy = "`bulla ca revoke" + folder_words(folder) + ' ' + serial +
                 " --reason superseded` if its key is lost; "
                 "`bulla ca show --pem` writes the certificate";
  return report_usage(error);
}

std::string record_json(const ca::Record& record) {
  std::string out = pki::describe_json(*record.certificate, now());
  out.pop_back();
  out += ',' + json_field("state", name_of(record.state(now())));
  out += ',' + json_field("template", name_of(record.made_for));
  out += ',' + json_field("origin", name_of(record.origin));
  out += ',' + json_field("recorded_at", asn1::format_time(record.recorded_at));
  out += optional_field("renews", record.predecessor);
  out += optional_field("renewed_by", record.successor);
  out += optional_field("revoked_at",
                        record.revocation ? asn1::format_time(record.revocation->at) : std::string());
  out +=
      optional_field("reason", record.revocation ? name_of(record.revocation->reason) : std::string_view());
  return out + '}';
}

std::string written_json(const ca::Record& record, const std::string& certificate, const std::string& key) {
  std::string out = record_json(record);
  out.pop_back();
  out += optional_field("certificate_file", certificate) + optional_field("key_file", key);
  return out + '}';
}

}  // namespace bulla::cli
