// The CA's folder: made, opened, adopted, asked.
#include "ca/folder.h"
#include "ca/records.h"
#include "pki/folder_lock.h"
#include "pki/means.h"
#include "pki/profile.h"
#include "pki/signed_by.h"
#include "x509/certificate.h"
#include "x509/extensions.h"

#include <bulla/ca.h>
#include <bulla/os.h>

#include <algorithm>
#include <filesystem>

namespace bulla::ca {
namespace {

/// The shortest beginning of a serial number that names it: whoever types six digits means one.
constexpr size_t shortest_prefix = 6;

Error in_folder(const std::string& folder, Error error) {
  error.detail = printable(folder) + (error.detail.empty() ? "" : ": " + error.detail);
  return error;
}

Time whole_seconds(Time t) {
  return std::chrono::floor<std::chrono::seconds>(t);
}

// ---- making one -------------------------------------------------------------------------------------------

Result<void> write_key(const std::string& path, const pki::KeyPair& key, const NewAuthority& wanted,
                       const pki::Surroundings& around) {
  if (wanted.passphrase.empty()) return write_file(path, key.to_pem().reveal(), Privacy::owner_only);
  BULLA_TRY(const std::string pem,
            key.to_encrypted_pem({.passphrase = wanted.passphrase, .derivation = wanted.derivation}, around));
  return write_file(path, as_bytes(pem), Privacy::owner_only);
}

struct Pairs {
  pki::Issued root, intermediate;
};

Result<Pairs> make_pairs(const NewAuthority& wanted, const pki::Surroundings& around) {
  const std::string name = wanted.name.empty() ? "Bulla " + pki::user_at_host() : wanted.name;
  // One CA below the root and none below that: what the path lengths say is what there is.
  const pki::NewCa root = {.name = name + " Root CA",
                           .days = wanted.days,
                           .key = wanted.key,
                           .path_length = 1,
                           .permitted = wanted.permitted};
  const pki::NewCa intermediate = {.name = name + " Intermediate CA",
                                   .days = wanted.intermediate_days,
                                   .key = wanted.key,
                                   .path_length = 0,
                                   .permitted = wanted.permitted,
                                   .crl_url = wanted.root_crl_url};
  BULLA_TRY(pki::Issued root_made, root.issue(around));
  BULLA_TRY(const auto authority, pki::CertificateAuthority::create(root_made.chain, root_made.key.signer()));
  BULLA_TRY(pki::Issued intermediate_made, authority.issue_ca(intermediate, around));
  return Pairs{std::move(root_made), std::move(intermediate_made)};
}

Result<void> fill(const std::string& folder, const Pairs& made, const NewAuthority& wanted,
                  const pki::Surroundings& around) {
  const std::string place = folder + '/';
  BULLA_TRY(write_key(place + "root-key.pem", made.root.key, wanted, around));
  BULLA_TRY(write_key(place + "intermediate-key.pem", made.intermediate.key, wanted, around));
  BULLA_TRY(write_file(place + "root.pem", as_bytes(made.root.chain_pem())));
  BULLA_TRY(write_file(place + "intermediate.pem", as_bytes(made.intermediate.chain_pem())));
  BULLA_TRY(const Records records,
            Records::create(folder + records_name, {.crl = wanted.crl_url, .ocsp = wanted.ocsp_url}));
  BULLA_TRY(Transaction change, records.begin());
  const Certificate& root = made.root.certificate();
  for (const Certificate* one : {&root, &made.intermediate.certificate()}) {
    BULLA_TRY(records.add({.certificate = *one,
                           .issuer = root,
                           .made_for = Template::ca,
                           .origin = Origin::init,
                           .at = around.now.value_or(Time{})}));
  }
  return change.commit();
}

// ---- opening one ------------------------------------------------------------------------------------------

Result<CertificatePtr> read_ca(const std::string& path) {
  BULLA_TRY(const std::vector<uint8_t> text, read_file(path));
  auto chain = Certificate::from_pem_or_der(text);
  if (!chain) return in_folder(path, std::move(chain).error());
  if (!chain->front()->is_ca())
    return Error{ErrorCode::ca_cannot_sign, printable(path) + ": " + chain->front()->subject() + " is no CA"};
  return chain->front();
}

bool has_purpose(const Certificate& certificate, const asn1::Oid& purpose) {
  const auto& purposes = certificate.parsed().extensions.extended_key_usage;
  return !purposes ||
         std::any_of(purposes->begin(), purposes->end(), [&](Bytes oid) { return purpose == oid; });
}

Template template_of(const Certificate& certificate) {
  if (certificate.is_ca()) return Template::ca;
  if (!has_purpose(certificate, asn1::oids::client_auth)) return Template::server;
  return has_purpose(certificate, asn1::oids::server_auth) ? Template::both : Template::client;
}

/// The certificates that a local CA issued, as far as their files are there. What is no certificate of it is
/// somebody else's file.
std::vector<CertificatePtr> local_certificates(const std::string& folder, const Certificate& ca,
                                               const Provider& provider) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("cert-") && name.ends_with(".pem")) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<CertificatePtr> out;
  for (const std::string& path : paths) {
    const auto text = read_file(path);
    if (!text || as_text(*text).find("PRIVATE KEY") != std::string_view::npos) continue;
    const auto chain = Certificate::from_pem_or_der(*text);
    if (chain && pki::is_signed_by(*chain->front(), ca, provider)) out.push_back(chain->front());
  }
  return out;
}

/// Records the CA and what it issued without telling anybody, as far as it is not recorded.
Result<void> adopt(const Records& records, const std::string& folder, const CertificatePtr& ca,
                   const pki::Means& means) {
  std::vector<CertificatePtr> found = {ca};
  for (CertificatePtr& one : local_certificates(folder, *ca, means.provider)) found.push_back(std::move(one));
  std::vector<CertificatePtr> unknown;
  for (const CertificatePtr& one : found) {
    BULLA_TRY(const auto known, records.with_serial(one->serial()));
    if (!known) unknown.push_back(one);
  }
  if (unknown.empty()) return {};
  BULLA_TRY(Transaction change, records.begin());
  for (const CertificatePtr& one : unknown) {
    // Where another process was faster, it is there.
    BULLA_TRY(records.add({.certificate = *one,
                           .issuer = *ca,
                           .made_for = template_of(*one),
                           .origin = Origin::local,
                           .at = whole_seconds(means.now)}));
  }
  return change.commit();
}

/// Lower-case digits of a serial number as people and tools write it; empty where it is none.
std::string serial_digits(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::string out;
  for (const char c : text) {
    if (c == ':') continue;
    const char low = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    if (!((low >= '0' && low <= '9') || (low >= 'a' && low <= 'f'))) return {};
    out += low;
  }
  return out;
}

Error unknown(std::string_view what) {
  return {ErrorCode::ca_certificate_unknown, '"' + printable(what.substr(0, 260)) + '"'};
}

}  // namespace

unsigned default_days(pki::CertificateUse use) noexcept {
  // Servers renew by themselves, people do not.
  return use == pki::CertificateUse::client ? 365 : 90;
}

Result<Authority> Authority::create(const std::string& folder, const NewAuthority& wanted,
                                    const pki::Surroundings& given) {
  pki::Surroundings around = surroundings_of(pki::means_of(given));
  around.now = whole_seconds(*around.now);
  // All that can be wrong with what was asked for is found before the first file.
  BULLA_TRY(pki::check_urls({.crl_url = wanted.crl_url, .ocsp_url = wanted.ocsp_url}));
  BULLA_TRY(pki::check_urls({.crl_url = wanted.root_crl_url}));
  if (wanted.name.size() > 48) return Error{ErrorCode::bad_name, "the name of the CA has more than 48 bytes"};
  BULLA_TRY(NewFolder unfinished, NewFolder::make(folder));
  BULLA_TRY(const Pairs made, make_pairs(wanted, around));
  BULLA_TRY(fill(unfinished.path(), made, wanted, around));
  BULLA_TRY(unfinished.finish());
  return open(folder, around);
}

Result<Authority> Authority::open(const std::string& folder, const pki::Surroundings& around) {
  const pki::Means means = pki::means_of(around);
  BULLA_TRY(const Layout layout, layout_of(folder));
  BULLA_TRY(const CertificatePtr issuing, read_ca(layout.certificate));
  std::vector<CertificatePtr> chain = {issuing};
  if (!layout.root.empty()) {
    BULLA_TRY(chain.emplace_back(), read_ca(layout.root));
    if (!pki::is_signed_by(*issuing, *chain.back(), means.provider))
      return Error{ErrorCode::ca_cannot_sign, printable(folder) + ": root.pem did not sign intermediate.pem",
                   "put the two files back as they were made"};
  }
  BULLA_TRY(Records records, layout.is_local ? Records::open_or_create(folder + records_name)
                                             : Records::open(folder + records_name));
  if (layout.is_local) {
    BULLA_TRY(adopt(records, folder, issuing, means));
  }
  return Authority(folder, std::move(chain), std::make_shared<Records>(std::move(records)), layout.is_local);
}

Result<RootFile> find_root(const std::string& folder) {
  BULLA_TRY(const Layout layout, layout_of(folder));
  const std::string& path = layout.root.empty() ? layout.certificate : layout.root;
  BULLA_TRY(CertificatePtr certificate, read_ca(path));
  return RootFile{std::move(certificate), path};
}

bool Authority::is_there(const std::string& folder) {
  const auto layout = layout_of(folder);
  return layout || layout.error().code != ErrorCode::ca_not_found;
}

bool Authority::keeps_records(const std::string& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder + records_name, ignored);
}

std::string Authority::root_path() const {
  return folder_ + (is_local_ ? "/ca.pem" : "/root.pem");
}

Result<Issuer> Authority::unlock(std::string_view passphrase, const Provider& provider) const {
  BULLA_TRY(const Layout layout, layout_of(folder_));
  BULLA_TRY(const SecretBytes key, read_secret_file(layout.key));
  auto authority = pki::CertificateAuthority::from_bytes(as_bytes(pki::to_pem(chain_)), key.reveal(),
                                                         passphrase, provider);
  if (!authority) return in_folder(layout.key, std::move(authority).error());
  return Issuer(*std::move(authority), records_);
}

Result<std::vector<Record>> Authority::records(const Filter& filter) const {
  return records_->list(filter);
}

Result<Record> Authority::by_serial(std::string_view serial) const {
  const std::string digits = serial_digits(serial);
  if (digits.empty()) return unknown(serial);
  BULLA_TRY(auto exact, records_->with_serial(digits));
  if (exact) return *std::move(exact);
  if (digits.size() < shortest_prefix) return unknown(serial);
  BULLA_TRY(auto near, records_->with_prefix(digits));
  if (near.size() == 1) return std::move(near.front());
  Error error = unknown(serial);
  if (near.size() > 1) {
    error.detail += " is the beginning of several serial numbers";
    error.remedy = "give more digits of the serial number";
  }
  return error;
}

Result<Record> Authority::find(std::string_view serial_or_name) const {
  auto by_number = by_serial(serial_or_name);
  if (by_number || by_number.error().code != ErrorCode::ca_certificate_unknown) return by_number;
  // Addresses have several spellings, of which one is recorded.
  const auto name = pki::AltName::parse(serial_or_name);
  BULLA_TRY(auto found, records_->with_name(name ? std::string_view(name->text()) : serial_or_name));
  if (!found && name) {
    BULLA_TRY(found, records_->with_name(serial_or_name));
  }
  if (found) return *std::move(found);
  return by_number;
}

Result<Record> Authority::revoke(std::string_view serial, RevocationReason reason,
                                 const pki::Surroundings& around) {
  BULLA_TRY(const Record wanted, by_serial(serial));
  if (equal_vartime(wanted.certificate->der(), root().der()))
    return Error{ErrorCode::bad_argument, wanted.certificate->subject() + " is the root itself",
                 "a root is revoked by its clients, who cease to trust it"};
  BULLA_TRY(Transaction change, records_->begin());
  // Once more, now that nobody else can write.
  BULLA_TRY(const auto now_there, records_->with_serial(wanted.serial()));
  if (!now_there) return unknown(serial);
  if (now_there->revocation)
    return Error{ErrorCode::ca_revoked, wanted.certificate->subject() + ", serial number " + wanted.serial() +
                                            ": " + std::string(name_of(now_there->revocation->reason))};
  const Revocation revocation = {.at = whole_seconds(pki::means_of(around).now), .reason = reason};
  BULLA_TRY(records_->revoke(wanted.serial(), revocation));
  BULLA_TRY(change.commit());
  Record out = *now_there;
  out.revocation = revocation;
  return out;
}

Result<uint64_t> Authority::next_crl_number() {
  BULLA_TRY(Transaction change, records_->begin());
  BULLA_TRY(const uint64_t number, records_->next_crl_number(certificate()));
  BULLA_TRY(change.commit());
  return number;
}

Result<RevocationUrls> Authority::revocation_urls() const {
  return records_->urls();
}

}  // namespace bulla::ca
