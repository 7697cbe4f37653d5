#include "x509/certificate.h"

#include "asn1/pem.h"
#include "x509/ip_address.h"
#include "x509/name.h"
#include "x509/serial.h"
#include "x509/signed.h"

namespace bulla {
namespace x509 {
namespace {

using namespace asn1;

/// A certificate that is larger is refused unread; TLS allows up to 2^24 octets, real ones have a few
/// thousand.
constexpr size_t max_certificate = 1 << 20;

/// The serial number: RFC 5280 §4.1.2.2 allows 20 octets; zero and negative ones exist and are told apart all
/// the same, so they pass.
void read_serial(DerReader& r, ParsedCertificate& out) {
  out.serial = r.integer();
  const size_t sign = !out.serial.empty() && out.serial[0] == 0 ? 1 : 0;
  if (out.serial.size() > 20 + sign) r.fail("the serial number is longer than 20 octets");
}

Bytes read_name(DerReader& r) {
  const Bytes name = r.element(tag::sequence).whole;
  if (r.ok() && !parse_name(name)) r.fail("a distinguished name is malformed");
  return name;
}

void read_validity(DerReader& r, ParsedCertificate& out) {
  r.sequence([&](DerReader& r) {
    out.not_before = r.time();
    out.not_after = r.time();
  });
}

/// version [0] EXPLICIT INTEGER DEFAULT v1; 0 to 2 mean v1 to v3.
void read_version(DerReader& r, ParsedCertificate& out) {
  if (!r.next_is(tag::context_constructed(0))) return;
  r.explicit_tag(0, [&](DerReader& r) { out.version = static_cast<uint8_t>(r.small_integer(2) + 1); });
  if (r.ok() && out.version == 1) r.fail("the version v1 is encoded although it is the default");
}

void read_tbs(DerReader& r, ParsedCertificate& out, AlgorithmIdentifier& inner_signature) {
  read_version(r, out);
  read_serial(r, out);
  inner_signature = read_algorithm(r);
  out.issuer = read_name(r);
  read_validity(r, out);
  out.subject = read_name(r);
  out.public_key = read_public_key(r);
  for (const unsigned unique_id : {1u, 2u}) {
    if (!r.next_is(tag::context(unique_id))) continue;
    r.bit_string(tag::context(unique_id));
    if (out.version < 2) r.fail("a v1 certificate has a unique identifier");
  }
  if (r.next_is(tag::context_constructed(3))) {
    if (out.version < 3) r.fail("a certificate below v3 has extensions");
    r.explicit_tag(3, [&](DerReader& r) { out.extensions = read_extensions(r); });
  }
}

}  // namespace

Result<std::unique_ptr<ParsedCertificate>> parse_certificate(Bytes der) {
  if (der.size() > max_certificate) return Error{ErrorCode::certificate_malformed, "it is larger than 1 MiB"};
  return parse_storage(to_vector(der), der.size());
}

Result<std::unique_ptr<ParsedCertificate>> parse_storage(std::vector<uint8_t> storage, size_t size) {
  auto out = std::make_unique<ParsedCertificate>();
  out->storage = std::move(storage);
  out->der = Bytes(out->storage).first(size);
  DerReader r(out->der);
  read_signed(r, *out, read_tbs);
  if (!r.done()) return Error{ErrorCode::certificate_malformed, r.why()};
  out->self_issued = names_equal(out->subject, out->issuer);
  return out;
}

}  // namespace x509

Certificate::Certificate(std::unique_ptr<const x509::ParsedCertificate> parsed) noexcept
    : parsed_(std::move(parsed)) {}
Certificate::~Certificate() = default;

Result<CertificatePtr> Certificate::from_der(Bytes der) {
  BULLA_TRY(auto parsed, x509::parse_certificate(der));
  return CertificatePtr(new Certificate(std::move(parsed)));
}

Result<CertificatePtr> x509::disguised(Bytes good, Bytes shown) {
  std::vector<uint8_t> both = to_vector(good);
  both.insert(both.end(), shown.begin(), shown.end());
  BULLA_TRY(auto parsed, parse_storage(std::move(both), good.size()));
  parsed->der = Bytes(parsed->storage).subspan(good.size());
  return CertificatePtr(new Certificate(std::move(parsed)));
}

Result<std::vector<CertificatePtr>> Certificate::from_pem_or_der(Bytes text) {
  std::vector<CertificatePtr> out;
  if (!asn1::looks_like_pem(text)) {
    if (text.empty()) return Error{ErrorCode::certificate_not_found, "it is empty"};
    BULLA_TRY(CertificatePtr one, from_der(text));
    out.push_back(std::move(one));
    return out;
  }
  BULLA_TRY(const auto blocks, asn1::decode_pem(text));
  std::string labels;
  for (const asn1::PemBlock& block : blocks) {
    if (block.label == "TRUSTED CERTIFICATE")
      return Error{ErrorCode::certificate_malformed, "OpenSSL's own TRUSTED CERTIFICATE form is not read",
                   "`openssl x509 -in FILE -out NEW` makes a plain certificate of it"};
    if (block.label != "CERTIFICATE" && block.label != "X509 CERTIFICATE") {
      labels += (labels.empty() ? "" : ", ") + printable(block.label.substr(0, 64));
      continue;
    }
    auto one = from_der(block.content.reveal());
    if (!one) {
      Error error = std::move(one).error();
      error.detail = "certificate " + std::to_string(out.size() + 1) + " of the file: " + error.detail;
      return error;
    }
    out.push_back(*std::move(one));
  }
  if (out.empty())
    return Error{ErrorCode::certificate_not_found,
                 labels.empty() ? "" : "the file holds: " + labels.substr(0, 200)};
  return out;
}

Bytes Certificate::der() const noexcept {
  return parsed_->der;
}
PublicKeyView Certificate::public_key() const noexcept {
  return parsed_->public_key.key.value_or(PublicKeyView{.type = KeyType::rsa});
}
bool Certificate::has_usable_key() const noexcept {
  return parsed_->public_key.key.has_value();
}
bool Certificate::key_allows(SignatureAlgorithm algorithm) const noexcept {
  return parsed_->public_key.key && allows(*parsed_->public_key.key, algorithm);
}
Bytes Certificate::spki() const noexcept {
  return parsed_->public_key.spki;
}
Bytes Certificate::subject_der() const noexcept {
  return parsed_->subject;
}
Bytes Certificate::issuer_der() const noexcept {
  return parsed_->issuer;
}
std::string Certificate::subject() const {
  return x509::print_name(parsed_->subject);
}
std::string Certificate::issuer() const {
  return x509::print_name(parsed_->issuer);
}
Time Certificate::not_before() const noexcept {
  return parsed_->not_before;
}
Time Certificate::not_after() const noexcept {
  return parsed_->not_after;
}
std::string Certificate::serial() const {
  return x509::print_serial(parsed_->serial);
}
bool Certificate::is_ca() const noexcept {
  return parsed_->is_ca();
}
bool Certificate::allows_digital_signature() const noexcept {
  return parsed_->extensions.allows(x509::KeyUsage::digital_signature);
}
std::optional<SignatureAlgorithm> Certificate::signature_algorithm() const noexcept {
  return parsed_->signature_algorithm;
}

std::vector<std::string> Certificate::names() const {
  std::vector<std::string> out;
  if (!parsed_->extensions.subject_alt_name) return out;
  for (const x509::GeneralName& name : *parsed_->extensions.subject_alt_name) {
    if (name.kind == x509::GeneralNameKind::dns) out.push_back(printable(as_text(name.value)));
    if (name.kind == x509::GeneralNameKind::ip) out.push_back(x509::format_ip_address(name.value));
  }
  return out;
}
std::vector<std::string> Certificate::alternative_names() const {
  std::vector<std::string> out;
  if (!parsed_->extensions.subject_alt_name) return out;
  for (const x509::GeneralName& name : *parsed_->extensions.subject_alt_name)
    out.push_back(x509::print_general_name(name));
  return out;
}

}  // namespace bulla
