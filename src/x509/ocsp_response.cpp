#include "x509/ocsp_response.h"

#include "asn1/oid.h"
#include "x509/extensions.h"
#include "x509/name.h"
#include "x509/serial.h"

#include <algorithm>
#include <iterator>

namespace bulla {
namespace x509 {
namespace {

using namespace asn1;

/// Real ones have a few thousand octets.
constexpr size_t max_response = 1 << 20;

/// RFC 6960 §4.2.2.1 knows GeneralizedTime alone.
Time read_generalized_time(DerReader& r) {
  if (!r.next_is(tag::generalized_time)) r.fail("a date is no GeneralizedTime");
  return r.time();
}

/// CertStatus ::= CHOICE { good [0] IMPLICIT NULL, revoked [1] IMPLICIT RevokedInfo, unknown [2] IMPLICIT
/// NULL }.
void read_status(DerReader& r, SingleResponse& out) {
  if (r.next_is(tag::context_constructed(1))) {
    out.status = RevocationStatus::revoked;
    r.constructed(tag::context_constructed(1), [&](DerReader& r) {
      out.revoked_at = read_generalized_time(r);
      if (!r.next_is(tag::context_constructed(0))) return;
      r.explicit_tag(0, [&](DerReader& r) {
        const uint64_t reason = r.small_integer(tag::enumerated, 10);
        if (reason == 7) r.fail("a reason that is none");
        out.reason = static_cast<RevocationReason>(reason);
      });
    });
    return;
  }
  const bool good = r.next_is(tag::context(0));
  out.status = good ? RevocationStatus::good : RevocationStatus::unknown;
  if (!r.content(tag::context(good ? 0 : 2)).empty()) r.fail("a status without particulars has some");
}

SingleResponse read_single(DerReader& r) {
  SingleResponse out;
  r.sequence([&](DerReader& r) {
    out.id = read_cert_id(r);
    read_status(r, out);
    out.this_update = read_generalized_time(r);
    if (r.next_is(tag::context_constructed(0)))
      r.explicit_tag(0, [&](DerReader& r) { out.next_update = read_generalized_time(r); });
    if (!r.next_is(tag::context_constructed(1))) return;
    r.explicit_tag(1, [&](DerReader& r) {
      std::vector<Extension> extensions;
      read_extension_list(r, extensions);
      for (const Extension& extension : extensions)
        if (extension.critical && out.unknown_critical.empty()) out.unknown_critical = extension.oid;
    });
  });
  return out;
}

/// ResponderID ::= CHOICE { byName [1] Name, byKey [2] KeyHash }, both EXPLICIT.
void read_responder(DerReader& r, ParsedOcspResponse& out) {
  if (r.next_is(tag::context_constructed(1))) {
    r.explicit_tag(1, [&](DerReader& r) { out.responder_name = r.element(tag::sequence).whole; });
    if (r.ok() && !parse_name(out.responder_name)) r.fail("the responder's name is malformed");
    return;
  }
  r.explicit_tag(2, [&](DerReader& r) { out.responder_key = r.octet_string(); });
  constexpr size_t sha1_size = 20;
  if (r.ok() && out.responder_key.size() != sha1_size) r.fail("the responder's key has no SHA-1 hash");
}

Bytes read_nonce(DerReader& r) {
  const Bytes nonce = r.octet_string();
  if (r.ok() && (nonce.empty() || nonce.size() > 128))
    r.fail("a nonce that is empty or longer than 128 bytes");
  return nonce;
}

/// ResponseData. The version v1, which is the default, is written by some all the same.
void read_data(DerReader& r, ParsedOcspResponse& out) {
  if (r.next_is(tag::context_constructed(0))) r.explicit_tag(0, [](DerReader& r) { r.small_integer(0); });
  read_responder(r, out);
  out.produced_at = read_generalized_time(r);
  r.sequence([&](DerReader& r) {
    while (r.more()) out.responses.push_back(read_single(r));
  });
  if (r.next_is(tag::context_constructed(1)))
    r.explicit_tag(1, [&](DerReader& r) { read_ocsp_extensions(r, out.nonce, out.unknown_critical); });
}

void read_basic(DerReader& r, ParsedOcspResponse& out) {
  r.sequence([&](DerReader& r) {
    const Element data = r.element(tag::sequence);
    out.tbs = data.whole;
    out.signature = read_algorithm(r);
    out.signature_value = r.bit_string_octets();
    if (r.next_is(tag::context_constructed(0)))
      r.explicit_tag(0, [&](DerReader& r) {
        r.sequence([&](DerReader& r) {
          while (r.more()) out.certificates.push_back(r.element(tag::sequence).whole);
        });
      });
    if (!r.ok()) return;
    DerReader inner(data.content);
    read_data(inner, out);
    if (!inner.done()) r.fail(inner.why());
  });
}

// RFC 6960 §4.2.1; 4 is not used.
struct NamedStatus {
  OcspResponseStatus status;
  std::string_view name;
};
constexpr NamedStatus statuses[] = {
    {OcspResponseStatus::successful, "successful"},
    {OcspResponseStatus::malformed_request, "malformedRequest"},
    {OcspResponseStatus::internal_error, "internalError"},
    {OcspResponseStatus::try_later, "tryLater"},
    {OcspResponseStatus::sig_required, "sigRequired"},
    {OcspResponseStatus::unauthorized, "unauthorized"},
};

void read_outer(DerReader& r, ParsedOcspResponse& out) {
  const auto status = static_cast<OcspResponseStatus>(r.small_integer(tag::enumerated, 6));
  if (std::ranges::find(statuses, status, &NamedStatus::status) == std::end(statuses))
    r.fail("a status that is none");
  out.status = status;
  // Answers come with success, and with nothing else.
  const bool successful = status == OcspResponseStatus::successful;
  if (r.ok() && r.more() != successful) r.fail("answers that do not fit the status");
  if (!successful) return;
  r.explicit_tag(0, [&](DerReader& r) {
    r.sequence([&](DerReader& r) {
      if (!(oids::ocsp_basic == r.oid())) r.fail("a response of a type other than basic");
      r.octet_string([&](DerReader& r) { read_basic(r, out); });
    });
  });
}

}  // namespace

void read_ocsp_extensions(DerReader& r, Bytes& nonce, Bytes& unknown_critical) {
  std::vector<Extension> extensions;
  read_extension_list(r, extensions);
  for (const Extension& extension : extensions) {
    if (oids::ocsp_nonce == extension.oid) {
      DerReader value(extension.value);
      nonce = read_nonce(value);
      if (!value.done()) r.fail(value.why());
    } else if (extension.critical && unknown_critical.empty()) {
      unknown_critical = extension.oid;
    }
  }
}

Result<std::unique_ptr<const ParsedOcspResponse>> parse_ocsp_response(Bytes der) {
  if (der.size() > max_response) return Error{ErrorCode::ocsp_response_malformed, "it is larger than 1 MiB"};
  auto out = std::make_unique<ParsedOcspResponse>();
  out->der = to_vector(der);
  DerReader r{Bytes(out->der)};
  r.sequence([&](DerReader& r) { read_outer(r, *out); });
  if (!r.done()) return Error{ErrorCode::ocsp_response_malformed, r.why()};
  out->signature_algorithm = signature_algorithm_of(out->signature);
  return std::unique_ptr<const ParsedOcspResponse>(std::move(out));
}

}  // namespace x509

std::string_view name_of(OcspResponseStatus status) noexcept {
  const auto* found = std::ranges::find(x509::statuses, status, &x509::NamedStatus::status);
  return found == std::end(x509::statuses) ? "unknown" : found->name;
}

OcspResponse::OcspResponse(std::unique_ptr<const x509::ParsedOcspResponse> parsed) noexcept
    : parsed_(std::move(parsed)) {}
OcspResponse::~OcspResponse() = default;

Result<OcspResponsePtr> OcspResponse::from_der(Bytes der) {
  BULLA_TRY(auto parsed, x509::parse_ocsp_response(der));
  return OcspResponsePtr(new OcspResponse(std::move(parsed)));
}

Bytes OcspResponse::der() const noexcept {
  return parsed_->der;
}
OcspResponseStatus OcspResponse::status() const noexcept {
  return parsed_->status;
}
Time OcspResponse::produced_at() const noexcept {
  return parsed_->produced_at;
}
std::string OcspResponse::responder() const {
  if (!parsed_->responder_key.empty()) return "key " + to_hex(parsed_->responder_key);
  return parsed_->responder_name.empty() ? "" : x509::print_name(parsed_->responder_name);
}
Bytes OcspResponse::nonce() const noexcept {
  return parsed_->nonce;
}
size_t OcspResponse::size() const noexcept {
  return parsed_->responses.size();
}
OcspStatus OcspResponse::answer(size_t index) const {
  const x509::SingleResponse& one = parsed_->responses[index];
  return {.serial = x509::print_serial(one.id.serial),
          .status = one.status,
          .revoked_at = one.revoked_at,
          .reason = one.reason,
          .this_update = one.this_update,
          .next_update = one.next_update};
}

}  // namespace bulla
