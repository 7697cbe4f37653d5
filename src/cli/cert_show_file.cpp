#include "cli/cert_show_file.h"

#include "asn1/der_reader.h"
#include "asn1/pem.h"
#include "cli/account.h"
#include "cli/cert_files.h"
#include "cli/cert_input.h"
#include "cli/terminal.h"
#include "pki/describe.h"
#include "x509/algorithm.h"
#include "x509/fingerprint.h"
#include "x509/pbes2.h"

#include <bulla/revocation_authority.h>

namespace bulla::cli {
namespace {

using pki::Item, pki::ItemKind;

/// One thing of a file: lines for a person, and JSON objects by what they are about. Empty where there is
/// nothing to say.
struct Shown {
  std::string lines = {};
  std::string key = {}, request = {}, pkcs12 = {};
};
/// A file may hold several of each, so that each is in a list.
struct ListOfShown {
  std::string_view name;
  std::string Shown::* object;
};
constexpr ListOfShown lists_of_shown[] = {
    {"requests", &Shown::request}, {"keys", &Shown::key}, {"pkcs12", &Shown::pkcs12}};

std::string line(std::string_view label, std::string_view value) {
  constexpr size_t width = 13;
  return "\n  " + std::string(label) + ':' + std::string(width - label.size(), ' ') + std::string(value);
}

/// SubjectPublicKeyInfo: the kind of key and its fingerprint; nothing where it is malformed.
struct KeyWords {
  std::string kind, fingerprint;
};
std::optional<KeyWords> words_of_key(Bytes spki) {
  asn1::DerReader r(spki);
  const x509::SubjectPublicKey key = x509::read_public_key(r);
  if (!r.done()) return {};
  return KeyWords{x509::print_key(key), x509::fingerprint_text(spki, default_provider())};
}

Shown show_key(std::string_view title, Bytes spki, std::string_view encryption) {
  const auto words = words_of_key(spki).value_or(KeyWords{"malformed", ""});
  Shown out;
  out.lines = std::string(title) + line("Kind", words.kind) + line("Key SHA-256", words.fingerprint);
  out.key = '{' + json_field("kind", words.kind) + ',' + json_field("public_key_sha256", words.fingerprint) +
            (encryption.empty() ? "" : ',' + json_field("encryption", encryption)) + '}';
  if (!encryption.empty()) out.lines += line("Encryption", encryption);
  return out;
}

/// An item's key, whatever else stands in its file.
Result<pki::KeyPair> load_key(const CertShowFlags& flags, const Item& item) {
  BULLA_TRY(const SecretBytes passphrase, given_passphrase(flags.passphrase_file));
  const Bytes der = item.content.reveal();
  if (item.label.empty()) return pki::KeyPair::load(der, as_text(passphrase.reveal()));
  const SecretBytes alone = asn1::encode_pem_secret(item.label, der);
  return pki::KeyPair::load(alone.reveal(), as_text(passphrase.reveal()));
}

Result<Shown> show_private_key(const CertShowFlags& flags, const std::string& path, const Item& item) {
  const auto key = load_key(flags, item);
  if (!key) return in_file(path, key.error());
  return show_key("Private key, not encrypted", pki::encode_public_key(key->public_key()), "");
}

/// Without its passphrase just how it is encrypted, which nobody has proven.
Result<Shown> show_encrypted_key(const CertShowFlags& flags, const std::string& path, const Item& item) {
  const auto how = x509::print_key_encryption(item.content.reveal());
  if (!how) return in_file(path, {ErrorCode::key_malformed, "the encrypted key is malformed"});
  if (flags.passphrase_file.empty())
    return Shown{.lines = "Private key, encrypted" + line("Encryption", *how),
                 .key = '{' + json_field("encryption", *how) + '}'};
  const auto key = load_key(flags, item);
  if (!key) return in_file(path, key.error());
  return show_key("Private key, encrypted", pki::encode_public_key(key->public_key()), *how);
}

std::string names_text(const pki::CertificationRequest& request) {
  std::string out;
  for (const pki::AltName& name : request.names()) out += (out.empty() ? "" : ", ") + name.text();
  return out;
}
std::string names_json(const pki::CertificationRequest& request) {
  std::string out;
  for (const pki::AltName& name : request.names())
    out += (out.empty() ? "\"" : ",\"") + json_escaped(name.text()) + '"';
  return '[' + out + ']';
}

Result<Shown> show_request(const std::string& path, Bytes der) {
  const auto request = pki::CertificationRequest::from_pem_or_der(der);
  if (!request) return in_file(path, request.error());
  const std::string kind = name_of(request->public_key().type);
  Shown out;
  out.request = '{' + json_field("subject", request->subject()) + ",\"names\":" + names_json(*request) + ',' +
                json_field("key", kind) + ",\"asks_for_ca\":" + (request->wants_ca() ? "true" : "false") +
                '}';
  const std::vector<uint8_t> spki = pki::encode_public_key(request->public_key());
  out.lines = "Certification request, signature good" + line("Subject", request->subject()) +
              line("Names", request->names().empty() ? "none" : names_text(*request)) + line("Key", kind) +
              line("Key SHA-256", x509::fingerprint_text(spki, default_provider()));
  if (request->wants_ca()) out.lines += line("Note", "it asks for a CA certificate");
  for (const std::string& one : request->not_granted())
    out.lines += line("Note", "it asks for " + printable(one));
  return out;
}

/// Certificates of a PKCS#12 file go to `certificates`.
Result<Shown> show_pkcs12(const CertShowFlags& flags, const std::string& path, Bytes file,
                          std::vector<CertificatePtr>& certificates) {
  const auto outline = pki::outline_pkcs12(file);
  if (!outline) return in_file(path, outline.error());
  Shown out{.lines = "PKCS#12 file" + line("Integrity", outline->integrity),
            .pkcs12 = '{' + json_field("integrity", outline->integrity) + ",\"parts\":["};
  for (size_t i = 0; i < outline->parts.size(); ++i) {
    out.lines += line("Part " + std::to_string(i + 1), outline->parts[i]);
    out.pkcs12 += (i ? ",\"" : "\"") + json_escaped(outline->parts[i]) + '"';
  }
  out.pkcs12 += ']';
  if (flags.passphrase_file.empty()) {
    out.lines += line("Note", "--passphrase-file FILE shows what is inside");
    out.pkcs12 += '}';
    return out;
  }
  BULLA_TRY(const SecretBytes passphrase, given_passphrase(flags.passphrase_file));
  const auto opened = pki::Pkcs12::open(file, as_text(passphrase.reveal()), {.friendly_name = flags.name});
  if (!opened) return in_file(path, opened.error());
  for (const auto* list : {&opened->chain, &opened->further})
    certificates.insert(certificates.end(), list->begin(), list->end());
  out.lines += line("Name", opened->friendly_name.empty() ? "none" : printable(opened->friendly_name));
  out.pkcs12 += ',' + json_field("name", opened->friendly_name) + '}';
  if (!opened->key) return out;
  Shown key = show_key("Private key", pki::encode_public_key(opened->key->public_key()), "");
  out.lines += '\n' + key.lines;
  out.key = std::move(key.key);
  return out;
}

/// What is shown together, behind the rest.
struct Found {
  std::vector<CertificatePtr> certificates = {};
  std::vector<RevocationListPtr> lists = {};
};

/// Everything but what goes to `found`.
Result<Shown> show_item(const CertShowFlags& flags, const std::string& path, const Item& item, Found& found) {
  const Bytes content = item.content.reveal();
  switch (item.kind) {
    case ItemKind::certificate: {
      auto one = Certificate::from_der(content);
      if (!one) return in_file(path, one.error());
      found.certificates.push_back(*std::move(one));
      return Shown{};
    }
    case ItemKind::revocation_list: {
      auto one = RevocationList::from_der(content);
      if (!one) return in_file(path, one.error());
      found.lists.push_back(*std::move(one));
      return Shown{};
    }
    case ItemKind::request: return show_request(path, content);
    case ItemKind::key: return show_private_key(flags, path, item);
    case ItemKind::encrypted_key: return show_encrypted_key(flags, path, item);
    case ItemKind::old_encrypted_key:
      return in_file(
          path, {ErrorCode::key_unsupported, "it is encrypted in the old PEM way (Proc-Type: 4,ENCRYPTED)",
                 "`openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW` converts it"});
    case ItemKind::public_key: return show_key("Public key", content, "");
    case ItemKind::pkcs12: return show_pkcs12(flags, path, content, found.certificates);
    case ItemKind::unknown: break;
  }
  if (item.label.empty())
    return in_file(path, {ErrorCode::certificate_malformed, "it is no PEM, and nothing known in DER"});
  return Shown{"Block " + printable(item.label.substr(0, 64)) + ", not described"};
}

/// An error of what is in the file: whether the file is wrong for this verb, or what it holds is not
/// acceptable.
ExitStatus report_item(const Error& error) {
  const bool refused =
      error.code == ErrorCode::csr_bad_signature || error.code == ErrorCode::csr_unacceptable;
  return refused ? report(error) : report_usage(error);
}

void print_lists(const CertShowFlags& flags, std::span<const RevocationListPtr> lists) {
  for (const RevocationListPtr& one : lists) {
    std::string text = flags.text ? pki::describe_whole(*one, now()) : pki::describe(*one, now());
    text.pop_back();
    print_line("Revocation list");
    print_line(text);
  }
}

/// Members of an object, each with a comma in front of it.
std::string members_of(std::span<const Shown> all) {
  std::string out;
  for (const ListOfShown& list : lists_of_shown) {
    std::string objects;
    for (const Shown& one : all)
      if (const std::string& object = one.*list.object; !object.empty())
        objects += (objects.empty() ? "" : ",") + object;
    if (!objects.empty()) out += ",\"" + std::string(list.name) + "\":[" + objects + ']';
  }
  return out;
}

std::string lists_json(std::span<const RevocationListPtr> lists) {
  std::string out;
  for (const RevocationListPtr& one : lists) out += (out.empty() ? "" : ",") + pki::describe_json(*one);
  return "\"revocation_lists\":[" + out + ']';
}

}  // namespace

void print_chain(const CertShowFlags& flags, std::span<const CertificatePtr> chain) {
  for (size_t i = 0; i < chain.size(); ++i) {
    if (chain.size() > 1)
      print_line("Certificate " + std::to_string(i + 1) + " of " + std::to_string(chain.size()));
    std::string text = flags.text ? pki::describe_whole(*chain[i], now()) : pki::describe(*chain[i], now());
    text.pop_back();
    print_line(text);
  }
  for (const std::string& problem : pki::chain_problems(chain)) print_line("Problem: " + printable(problem));
}

std::string chain_json(std::span<const CertificatePtr> chain) {
  std::string out = "\"certificates\":[";
  for (size_t i = 0; i < chain.size(); ++i) out += (i ? "," : "") + pki::describe_json(*chain[i], now());
  out += "],\"problems\":[";
  const auto problems = pki::chain_problems(chain);
  for (size_t i = 0; i < problems.size(); ++i) out += (i ? ",\"" : "\"") + json_escaped(problems[i]) + '"';
  return out + ']';
}

ExitStatus show_file(const CertShowFlags& flags, const std::string& path) {
  const auto file = read_input(path);
  if (!file) return report_usage(file.error());
  const auto items = pki::items_of(file->reveal());
  if (!items) return report_usage(in_file(path, items.error()));
  Found found;
  std::vector<Shown> others;
  for (const Item& item : *items) {
    auto shown = show_item(flags, path, item, found);
    if (!shown) return report_item(shown.error());
    if (!shown->lines.empty()) others.push_back(*std::move(shown));
  }
  if (flags.json) {
    std::string out = "{" + json_field("source", path) + members_of(others);
    if (!found.lists.empty()) out += ',' + lists_json(found.lists);
    print_line(out + (found.certificates.empty() ? "" : ',' + chain_json(found.certificates)) + '}');
    return ExitStatus::done;
  }
  for (const Shown& one : others) print_line(one.lines);
  print_lists(flags, found.lists);
  print_chain(flags, found.certificates);
  return ExitStatus::done;
}

}  // namespace bulla::cli
