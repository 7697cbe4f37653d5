// parse_private_key: finds out what form a key file has, and says what to do with those that are not read.
#include "asn1/der_reader.h"
#include "asn1/pem.h"
#include "x509/private_key.h"

#include <bulla/certificate.h>

namespace bulla {
namespace {

using namespace asn1;

constexpr std::string_view convert = "`openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW` converts it";

enum class Form : uint8_t { pkcs1, sec1, pkcs8, encrypted_pkcs8, pkcs12, certificate, unknown };

/// Tells the forms of DER by their first elements.
Form form_of(Bytes der) {
  DerReader outer(der);
  DerReader r(outer.content(tag::sequence));
  const Element first = r.any();
  const Element second = r.any();
  if (!outer.done() || !r.ok()) return Form::unknown;
  if (first.tag == tag::integer && second.tag == tag::sequence)
    return oids::pkcs7_data == DerReader(second.content).oid() ? Form::pkcs12 : Form::pkcs8;
  if (first.tag == tag::integer && second.tag == tag::integer) return Form::pkcs1;
  if (first.tag == tag::integer && second.tag == tag::octet_string) return Form::sec1;
  if (first.tag == tag::sequence && second.tag == tag::octet_string) return Form::encrypted_pkcs8;
  if (first.tag == tag::sequence && second.tag == tag::sequence) return Form::certificate;
  return Form::unknown;
}

Result<PrivateKeyMaterial> parse_encrypted(Bytes der, std::string_view passphrase, const Provider& provider) {
  BULLA_TRY(const SecretBytes plain, x509::decrypt_pkcs8(der, passphrase, provider));
  return x509::parse_pkcs8(plain.reveal());
}

Result<PrivateKeyMaterial> parse_der(Bytes der, std::string_view passphrase, const Provider& provider) {
  switch (form_of(der)) {
    case Form::pkcs1: return x509::parse_pkcs1(der);
    case Form::sec1: return x509::parse_sec1(der);
    case Form::pkcs8: return x509::parse_pkcs8(der);
    case Form::encrypted_pkcs8: return parse_encrypted(der, passphrase, provider);
    case Form::pkcs12:
      return Error{ErrorCode::key_unsupported, "it is a PKCS#12 file (RFC 7292)",
                   "`openssl pkcs12 -nocerts -in FILE -out NEW` takes the key out, and writes it encrypted"};
    case Form::certificate:
      return Error{ErrorCode::key_not_found, "this is a certificate or a certificate request"};
    case Form::unknown: break;
  }
  return Error{ErrorCode::key_malformed, "it is neither PEM nor any known form of key in DER"};
}

/// A PEM block's key, or nothing where the block is no private key.
std::optional<Result<PrivateKeyMaterial>> parse_block(const PemBlock& block, std::string_view passphrase,
                                                      const Provider& provider) {
  const Bytes der = block.content.reveal();
  // RFC 1421 encryption, as old OpenSSL wrote it: one round of MD5 makes the key, so it is not opened here.
  if (block.headers.find("ENCRYPTED") != std::string::npos)
    return Error{ErrorCode::key_unsupported, "it is encrypted in the old PEM way (Proc-Type: 4,ENCRYPTED)",
                 std::string(convert)};
  if (block.label == "PRIVATE KEY") return x509::parse_pkcs8(der);
  if (block.label == "ENCRYPTED PRIVATE KEY") return parse_encrypted(der, passphrase, provider);
  if (block.label == "RSA PRIVATE KEY") return x509::parse_pkcs1(der);
  if (block.label == "EC PRIVATE KEY") return x509::parse_sec1(der);
  if (block.label == "OPENSSH PRIVATE KEY")
    return Error{ErrorCode::key_unsupported, "it is in OpenSSH's own form",
                 "`ssh-keygen -p -m PKCS8 -f FILE` converts it in place"};
  if (block.label.ends_with("PRIVATE KEY"))
    return Error{ErrorCode::key_unsupported,
                 "a block with the label " + printable(block.label.substr(0, 64))};
  return {};
}

}  // namespace

Result<PrivateKeyMaterial> parse_private_key(Bytes pem_or_der, std::string_view passphrase,
                                             const Provider& provider) {
  if (pem_or_der.empty()) return Error{ErrorCode::key_not_found, "it is empty"};
  if (!looks_like_pem(pem_or_der)) return parse_der(pem_or_der, passphrase, provider);
  BULLA_TRY(const auto blocks, decode_pem(pem_or_der));
  std::string labels;
  for (const PemBlock& block : blocks) {
    if (auto key = parse_block(block, passphrase, provider)) return *std::move(key);
    labels += (labels.empty() ? "" : ", ") + printable(block.label.substr(0, 64));
  }
  return Error{ErrorCode::key_not_found, labels.empty() ? "" : "the file holds: " + labels.substr(0, 200)};
}

}  // namespace bulla
