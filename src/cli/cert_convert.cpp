// bulla cert convert: certificates, requests, lists and keys from one form into another.
#include "asn1/pem.h"
#include "cli/cert_commands.h"
#include "cli/cert_files.h"
#include "cli/cert_input.h"
#include "cli/terminal.h"

#include <bulla/bundle.h>

#include <CLI/CLI.hpp>

#include <memory>

namespace bulla::cli {
namespace {

struct CertConvertFlags {
  std::vector<std::string> inputs;
  std::string to = "pem";
  std::string passphrase_file, out_passphrase_file, out, name;
  bool scrypt = false, pbmac1 = false, force = false;
};

constexpr const char* examples =
    "What a file is shows by itself: PEM, DER or PKCS#12. A private key is written for its owner only, and "
    "nowhere "
    "but where --out says (- for standard output).\n"
    "  pem    certificates, then the key (PKCS#8); an encrypted key stays as it is unless "
    "--out-passphrase-file is "
    "given\n"
    "  der    the same of one thing\n"
    "  pkcs8  the key alone, as PEM: encrypted with --out-passphrase-file, else in the clear\n"
    "  p12    PKCS#12 with AES-256: key and chain, or certificates to be trusted; the passphrase is asked "
    "for without "
    "--out-passphrase-file\n"
    "\n"
    "Examples:\n"
    "  bulla cert convert ca.der > ca.pem\n"
    "  bulla cert convert chain.pem key.pem --to p12 --name www --out www.p12\n"
    "  bulla cert convert www.p12 --out www.pem\n"
    "  bulla cert convert key.pem --to pkcs8 --out-passphrase-file secret.txt --out key-encrypted.pem\n"
    "  bulla cert convert request.csr --to der --out request.der\n";

/// What is to be written.
struct Product {
  SecretBytes bytes = {};
  bool has_key = false;
  bool is_text = true;
};

void append(SecretBytes& out, Bytes more) {
  SecretBytes longer(out.size() + more.size());
  std::ranges::copy(out.reveal(), longer.writable().begin());
  std::ranges::copy(more, longer.writable().begin() + static_cast<ptrdiff_t>(out.size()));
  out = std::move(longer);
}

pki::KeyEncryption encryption(const CertConvertFlags& flags, const SecretBytes& passphrase) {
  return {.passphrase = as_text(passphrase.reveal()),
          .derivation = flags.scrypt ? pki::KeyDerivation::scrypt : pki::KeyDerivation::pbkdf2};
}

/// The key as PKCS#8, DER, in the clear or encrypted, and the label of its PEM.
struct WrittenKey {
  SecretBytes der = {};
  std::string_view label = {};
};
Result<WrittenKey> write_key(const CertConvertFlags& flags, const Gathered& all,
                             const SecretBytes& passphrase) {
  if (all.encrypted_key) return WrittenKey{all.encrypted_key->clone(), "ENCRYPTED PRIVATE KEY"};
  if (passphrase.empty()) return WrittenKey{all.key->to_pkcs8(), "PRIVATE KEY"};
  BULLA_TRY(const auto der, all.key->to_encrypted_pkcs8(encryption(flags, passphrase)));
  return WrittenKey{SecretBytes(Bytes(der)), "ENCRYPTED PRIVATE KEY"};
}

Result<Product> to_pem(const CertConvertFlags& flags, const Gathered& all, const SecretBytes& passphrase) {
  Product out;
  append(out.bytes, as_bytes(pki::to_pem(all.certificates)));
  for (const pki::Item& one : all.others)
    append(out.bytes, as_bytes(asn1::encode_pem(pki::pem_label_of(one.kind), one.content.reveal())));
  if (!all.key && !all.encrypted_key) return out;
  BULLA_TRY(const WrittenKey key, write_key(flags, all, passphrase));
  append(out.bytes, asn1::encode_pem_secret(key.label, key.der.reveal()).reveal());
  out.has_key = true;
  return out;
}

Result<Product> to_pkcs8(const CertConvertFlags& flags, Gathered all, const SecretBytes& passphrase) {
  if (!all.key) return Error{ErrorCode::key_not_found, "", "name a file with a private key"};
  all.certificates.clear();
  all.others.clear();
  return to_pem(flags, all, passphrase);
}

Result<Product> to_der(const CertConvertFlags& flags, const Gathered& all, const SecretBytes& passphrase) {
  const bool key = all.key || all.encrypted_key;
  const size_t things = all.certificates.size() + all.others.size() + (key ? 1 : 0);
  if (things != 1)
    return Error{ErrorCode::bad_argument, "DER holds one thing, and here are " + std::to_string(things),
                 "name a file with one, or write --to p12 or --to pem, which hold several"};
  Product out{.has_key = key, .is_text = false};
  if (key) {
    BULLA_TRY(WrittenKey written, write_key(flags, all, passphrase));
    out.bytes = std::move(written.der);
  } else {
    out.bytes = all.others.empty() ? SecretBytes(all.certificates.front()->der())
                                   : SecretBytes(all.others.front().content.reveal());
  }
  return out;
}

Result<Product> to_p12(const CertConvertFlags& flags, Gathered all, const SecretBytes& passphrase) {
  if (!all.others.empty())
    return Error{ErrorCode::bad_argument,
                 "PKCS#12 holds certificates and keys, not " + std::string(name_of(all.others.front().kind))};
  pki::Pkcs12 file{.friendly_name = flags.name.empty() ? all.friendly_name : flags.name};
  if (all.key && !all.certificates.empty()) {
    auto ordered =
        pki::order_chain(all.certificates, {.key = all.key->public_key(), .root = pki::RootInChain::keep});
    if (!ordered) return Error{ErrorCode::key_mismatch, "none of the certificates is for the key"};
    file.chain = std::move(ordered->chain);
    file.further = std::move(ordered->unrelated);
  } else {
    file.further = std::move(all.certificates);
  }
  Product out{.has_key = all.key.has_value(), .is_text = false};
  file.key = std::move(all.key);
  BULLA_TRY(const auto der, file.write({.passphrase = as_text(passphrase.reveal()),
                                        .integrity = flags.pbmac1 ? pki::Pkcs12Integrity::pbmac1
                                                                  : pki::Pkcs12Integrity::hmac}));
  out.bytes = SecretBytes(Bytes(der));
  return out;
}

Result<Product> convert(const CertConvertFlags& flags, Gathered all, const SecretBytes& passphrase) {
  if (flags.to == "p12") return to_p12(flags, std::move(all), passphrase);
  if (flags.to == "pkcs8") return to_pkcs8(flags, std::move(all), passphrase);
  if (flags.to == "der") return to_der(flags, all, passphrase);
  return to_pem(flags, all, passphrase);
}

/// A key goes nowhere unasked: a shell's `> file` could be read by everybody, a terminal by who looks on.
Result<void> check_output(const CertConvertFlags& flags, const Product& product) {
  if (!flags.out.empty()) return {};
  if (product.has_key)
    return Error{ErrorCode::bad_argument, "this writes a private key, and no file is named for it",
                 "name one: --out FILE (it is made for you only), or --out - for standard output"};
  if (!product.is_text && stdout_is_terminal())
    return Error{ErrorCode::bad_argument, "these bytes are no text for a terminal",
                 "name a file: --out FILE, or --out - for standard output"};
  return {};
}

void say_who_reads_it(const CertConvertFlags& flags, const Gathered& all) {
  if (flags.scrypt && all.key)
    say("bulla: note: scrypt: OpenSSL opens this key; GnuTLS, Java and NSS do not");
  if (flags.pbmac1)
    say("bulla: note: PBMAC1: OpenSSL from 3.4 on and GnuTLS from 3.8.8 on open this file; many programs do "
        "not yet");
}

ExitStatus write_product(const CertConvertFlags& flags, const Product& product, std::string_view protection) {
  if (flags.out.empty() || flags.out == "-") {
    const auto written = write_out(product.bytes.reveal());
    return written ? ExitStatus::done : report(written.error());
  }
  const auto written = write_file(flags.out, product.bytes.reveal(),
                                  product.has_key ? Privacy::owner_only : Privacy::world_readable,
                                  flags.force ? IfExists::replace : IfExists::refuse);
  if (!written) {
    Error error = written.error();
    if (error.code == ErrorCode::file_exists)
      error.remedy = "add --force to replace it, or write elsewhere: --out FILE";
    return report_usage(error);
  }
  print_line("  written       " + printable(flags.out) + std::string(protection));
  return ExitStatus::done;
}

Result<SecretBytes> out_passphrase(const CertConvertFlags& flags) {
  if (flags.out_passphrase_file.empty() && flags.to != "p12") return SecretBytes{};
  return new_passphrase(
      {.passphrase_file = flags.out_passphrase_file, .passphrase_prompt = flags.out_passphrase_file.empty()});
}

ExitStatus run_cert_convert(const CertConvertFlags& flags) {
  const bool rewraps = (flags.to == "pem" || flags.to == "der") && flags.out_passphrase_file.empty();
  const GatherFlags how = {.passphrase_file = flags.passphrase_file,
                           .name = flags.to == "p12" ? "" : flags.name,
                           .keys = rewraps ? Keys::keep_encrypted : Keys::open};
  Gathered all;
  for (const std::string& input : flags.inputs)
    if (const auto gathered = gather(input, how, all); !gathered) return report_usage(gathered.error());
  const auto passphrase = out_passphrase(flags);
  if (!passphrase) return report_usage(passphrase.error());
  const bool kept = all.encrypted_key.has_value();  // without asking whether a passphrase opens it
  say_who_reads_it(flags, all);
  const auto product = convert(flags, std::move(all), *passphrase);
  if (!product) return report_usage(product.error());
  if (const auto good = check_output(flags, *product); !good) return report_usage(good.error());
  return write_product(flags, *product,
                       !product->has_key ? std::string()
                       : kept            ? "  (encrypted as it was)"
                                         : "  " + key_protection(*passphrase));
}

}  // namespace

void add_cert_convert_command(CLI::App& cert, ExitStatus& status) {
  auto flags = std::make_shared<CertConvertFlags>();
  CLI::App* verb = cert.add_subcommand("convert", "Convert between PEM, DER, PKCS#8 and PKCS#12");
  verb->add_option("in", flags->inputs,
                   "Certificates, requests, revocation lists, keys; - for standard input")
      ->required()
      ->option_text("FILE");
  verb->add_option("--to", flags->to, "The form to write")
      ->check(CLI::IsMember({"pem", "der", "p12", "pkcs8"}))
      ->option_text("pem|der|p12|pkcs8 [pem]");
  verb->add_option("--passphrase-file", flags->passphrase_file,
                   "First line: the passphrase of the input (default: ask on the terminal)")
      ->option_text("FILE");
  verb->add_option("--out-passphrase-file", flags->out_passphrase_file,
                   "Encrypt the key, or the PKCS#12 file, with the first line of FILE")
      ->option_text("FILE");
  verb->add_option("--out", flags->out, "The file to write; - for standard output (default, without a key)")
      ->option_text("FILE");
  verb->add_option("--name", flags->name,
                   "PKCS#12: the name to list the key under; for a file with several keys: which one")
      ->option_text("NAME");
  verb->add_flag("--scrypt", flags->scrypt,
                 "Encrypt the key with scrypt, which GnuTLS, Java and NSS do not read");
  verb->add_flag("--pbmac1", flags->pbmac1, "PKCS#12 with PBMAC1 (RFC 9579), which few programs read yet");
  verb->add_flag("--force", flags->force, "Replace a file that is there");
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_cert_convert(*flags); });
}

}  // namespace bulla::cli
