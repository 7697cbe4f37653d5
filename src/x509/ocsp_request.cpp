#include "x509/ocsp_request.h"

#include "x509/certificate.h"
#include "x509/general_name.h"
#include "x509/ocsp_response.h"
#include "x509/serial.h"

namespace bulla {
namespace x509 {
namespace {

using namespace asn1;

constexpr size_t max_request = 64u << 10;
constexpr size_t max_certificates = 256;

/// Request ::= SEQUENCE { reqCert CertID, singleRequestExtensions [0] EXPLICIT Extensions OPTIONAL }
void read_one(DerReader& r, ParsedOcspRequest& out) {
  r.sequence([&](DerReader& r) {
    out.ids.push_back(read_cert_id(r));
    if (!r.next_is(tag::context_constructed(0))) return;
    r.explicit_tag(0, [&](DerReader& r) {
      std::vector<Extension> extensions;
      read_extension_list(r, extensions);
      for (const Extension& extension : extensions)
        if (extension.critical && out.unknown_critical.empty()) out.unknown_critical = extension.oid;
    });
  });
}

void read_tbs(DerReader& r, ParsedOcspRequest& out) {
  if (r.next_is(tag::context_constructed(0))) r.explicit_tag(0, [](DerReader& r) { r.small_integer(0); });
  if (r.next_is(tag::context_constructed(1)))
    r.explicit_tag(1, [](DerReader& r) { read_general_name(r, AddressForm::address); });
  r.sequence([&](DerReader& r) {
    if (!r.more()) r.fail("no certificate is asked about");
    while (r.more()) {
      if (out.ids.size() >= max_certificates) return r.fail("too many certificates are asked about");
      read_one(r, out);
    }
  });
  if (r.next_is(tag::context_constructed(2)))
    r.explicit_tag(2, [&](DerReader& r) { read_ocsp_extensions(r, out.nonce, out.unknown_critical); });
}

/// Signature ::= SEQUENCE { signatureAlgorithm, signature, certs [0] EXPLICIT OPTIONAL }: not looked at.
void skip_signature(DerReader& r) {
  r.sequence([](DerReader& r) {
    read_algorithm(r);
    r.bit_string();
    if (r.next_is(tag::context_constructed(0))) r.any();
  });
}

std::vector<uint8_t> write_request(IssuerHashes& hashes, Bytes serial, Bytes nonce) {
  const auto cert_id = [&](DerWriter& w) { hashes.write_cert_id(w, serial); };
  const auto nonce_extension = [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.oid(oids::ocsp_nonce);
      w.octet_string([&](DerWriter& w) { w.octet_string(nonce); });
    });
  };
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.sequence([&](DerWriter& w) { w.sequence(cert_id); });
        if (nonce.empty()) return;
        w.explicit_tag(2, [&](DerWriter& w) { w.sequence(nonce_extension); });
      });
    });
  });
}

}  // namespace

Result<std::shared_ptr<const ParsedOcspRequest>> parse_ocsp_request(Bytes der) {
  if (der.size() > max_request) return Error{ErrorCode::ocsp_request_malformed, "it is larger than 64 KiB"};
  auto out = std::make_shared<ParsedOcspRequest>();
  out->der = to_vector(der);
  DerReader r{Bytes(out->der)};
  r.sequence([&](DerReader& r) {
    r.sequence([&](DerReader& r) { read_tbs(r, *out); });
    if (r.next_is(tag::context_constructed(0))) r.explicit_tag(0, skip_signature);
  });
  if (!r.done()) return Error{ErrorCode::ocsp_request_malformed, r.why()};
  return std::shared_ptr<const ParsedOcspRequest>(std::move(out));
}

}  // namespace x509

OcspRequest::OcspRequest(std::shared_ptr<const x509::ParsedOcspRequest> parsed) noexcept
    : parsed_(std::move(parsed)) {}

Result<OcspRequest> OcspRequest::from_der(Bytes der) {
  BULLA_TRY(auto parsed, x509::parse_ocsp_request(der));
  return OcspRequest(std::move(parsed));
}

Result<OcspRequest> OcspRequest::create(const Certificate& certificate, const Certificate& issuer,
                                        Bytes nonce, const Provider& provider) {
  if (nonce.size() > 128)
    return Error{ErrorCode::bad_argument, "a nonce has 1 to 128 bytes, not " + std::to_string(nonce.size())};
  x509::IssuerHashes hashes(certificate.issuer_der(), issuer.parsed().public_key, provider);
  return from_der(x509::write_request(hashes, certificate.parsed().serial, nonce));
}

Bytes OcspRequest::der() const noexcept {
  return parsed_->der;
}
size_t OcspRequest::size() const noexcept {
  return parsed_->ids.size();
}
std::string OcspRequest::serial(size_t index) const {
  return x509::print_serial(parsed_->ids[index].serial);
}
bool OcspRequest::is_issued_by(size_t index, const Certificate& issuer, const Provider& provider) const {
  x509::IssuerHashes hashes(issuer.subject_der(), issuer.parsed().public_key, provider);
  return hashes.are_in(parsed_->ids[index]);
}
Bytes OcspRequest::nonce() const noexcept {
  return parsed_->nonce;
}

}  // namespace bulla
