#include "cli/cert_input.h"

#include "cli/cert_files.h"

namespace bulla::cli {
namespace {

using pki::ItemKind;

constexpr size_t max_input = size_t{16} << 20;

Error second_key() {
  return {ErrorCode::bad_argument, "a second private key", "name files with one private key altogether"};
}

Result<void> take_key(pki::KeyPair key, const GatherFlags& flags, Gathered& out) {
  if (flags.keys == Keys::ignore) return {};
  if (out.key || out.encrypted_key) return second_key();
  out.key = std::move(key);
  return {};
}

Result<void> take_pkcs12(const std::string& path, Bytes content, const GatherFlags& flags, Gathered& out) {
  BULLA_TRY(pki::Pkcs12 file, open_input(path, flags.passphrase_file, [&](std::string_view passphrase) {
              return pki::Pkcs12::open(content, passphrase, {.friendly_name = flags.name});
            }));
  for (const auto* list : {&file.chain, &file.further})
    out.certificates.insert(out.certificates.end(), list->begin(), list->end());
  if (out.friendly_name.empty()) out.friendly_name = file.friendly_name;
  if (!file.key) return {};
  return take_key(*std::move(file.key), flags, out);
}

/// The first key of the file: the parser finds it by itself, whatever form it has.
Result<void> load_key(const std::string& path, Bytes file, const GatherFlags& flags, Gathered& out) {
  BULLA_TRY(pki::KeyPair key, open_input(path, flags.passphrase_file, [&](std::string_view passphrase) {
              return pki::KeyPair::load(file, passphrase);
            }));
  return take_key(std::move(key), flags, out);
}

Result<void> take(const std::string& path, Bytes file, pki::Item item, const GatherFlags& flags,
                  Gathered& out) {
  const bool is_key = item.kind == ItemKind::key || item.kind == ItemKind::encrypted_key ||
                      item.kind == ItemKind::old_encrypted_key;
  if (is_key && flags.keys == Keys::ignore) return {};
  switch (item.kind) {
    case ItemKind::certificate: {
      auto one = Certificate::from_der(item.content.reveal());
      if (!one) return in_file(path, one.error());
      out.certificates.push_back(*std::move(one));
      return {};
    }
    case ItemKind::pkcs12: return take_pkcs12(path, item.content.reveal(), flags, out);
    case ItemKind::encrypted_key:
      if (flags.keys == Keys::keep_encrypted) {
        if (out.key || out.encrypted_key) return second_key();
        if (!pki::is_one_element(item.content.reveal()))
          return in_file(path, {ErrorCode::key_malformed, "the encrypted key is no DER"});
        out.encrypted_key = std::move(item.content);
        return {};
      }
      return load_key(path, file, flags, out);
    case ItemKind::key:
    case ItemKind::old_encrypted_key: return load_key(path, file, flags, out);
    case ItemKind::request:
    case ItemKind::revocation_list:
    case ItemKind::public_key:
      if (!pki::is_one_element(item.content.reveal()))
        return in_file(path, {ErrorCode::bad_argument, std::string(name_of(item.kind)) + " that is no DER"});
      out.others.push_back(std::move(item));
      return {};
    case ItemKind::unknown: break;
  }
  // `openssl ecparam -genkey` writes parameters in front of a key; they say nothing that the key does not.
  if (item.label.ends_with("PARAMETERS")) return {};
  return in_file(path, {ErrorCode::bad_argument,
                        item.label.empty() ? "it is no PEM, and nothing known in DER"
                                           : "a block with the label " + printable(item.label.substr(0, 64)),
                        "name files with certificates, requests, revocation lists or private keys"});
}

}  // namespace

Result<SecretBytes> read_input(const std::string& path) {
  return read_secret_file(path == "-" ? "/dev/stdin" : path, max_input);
}

Error in_input(const std::string& path, Error error) {
  return in_file(path, std::move(error));
}

bool wants_passphrase(const Error& error) noexcept {
  return error.code == ErrorCode::key_passphrase_needed || error.code == ErrorCode::pkcs12_passphrase_needed;
}

Result<SecretBytes> given_passphrase(const std::string& passphrase_file) {
  if (passphrase_file.empty()) return SecretBytes{};
  return read_passphrase_file(passphrase_file);
}

Result<void> gather(const std::string& path, const GatherFlags& flags, Gathered& out) {
  BULLA_TRY(const SecretBytes file, read_input(path));
  auto items = pki::items_of(file.reveal());
  if (!items) return in_file(path, items.error());
  for (pki::Item& item : *items) {
    BULLA_TRY(take(path, file.reveal(), std::move(item), flags, out));
  }
  return {};
}

}  // namespace bulla::cli
