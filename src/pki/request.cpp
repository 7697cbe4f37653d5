#include "pki/request.h"

#include "asn1/pem.h"
#include "pki/algorithm.h"
#include "x509/evidence.h"
#include "x509/extensions.h"
#include "x509/ip_address.h"
#include "x509/name.h"

#include <algorithm>

namespace bulla::pki {
namespace {

using namespace asn1;

constexpr size_t max_request = 256 * 1024;
constexpr size_t max_attributes = 64;
constexpr size_t max_mailboxes = 100;
constexpr unsigned min_rsa_bits = 2048;

Error malformed(std::string_view why) {
  return {ErrorCode::csr_malformed, std::string(why)};
}

/// What stands in a request before anything of it is judged.
struct Wanted {
  std::optional<x509::Extensions> extensions = {};
  std::vector<std::string> not_granted = {};
};

void read_attribute(DerReader& r, Wanted& out) {
  r.sequence([&](DerReader& r) {
    const Bytes type = r.oid();
    const bool is_extensions = oids::extension_request == type;
    r.constructed(tag::set, [&](DerReader& r) {
      if (!is_extensions) {
        r.rest();
        return;
      }
      if (out.extensions) return r.fail("extensionRequest occurs twice");
      // RFC 2985 §5.4.2: SINGLE VALUE; a list without entries occurs and means: none.
      DerReader peek(r.rest());
      DerReader list = peek;
      const Element whole = list.element(tag::sequence);
      if (!list.done()) return r.fail(list.why());
      if (whole.content.empty()) return void(out.extensions.emplace());
      out.extensions = x509::read_extensions(peek);
      if (!peek.done()) r.fail(peek.why());
    });
    // A challenge password is for the CA's people; it is no part of any certificate.
    if (r.ok() && !is_extensions && !(oids::challenge_password == type))
      out.not_granted.push_back("attribute " + to_dotted(type));
  });
}

/// The names of a requested subjectAltName. Kinds that no TLS peer looks at are left out, and listed.
Result<void> read_names(const std::vector<x509::GeneralName>& requested, CertificationRequest::Parsed& out) {
  std::vector<std::string> texts;
  for (const x509::GeneralName& name : requested) {
    if (name.kind == x509::GeneralNameKind::dns) {
      texts.emplace_back(as_text(name.value));
    } else if (name.kind == x509::GeneralNameKind::ip) {
      texts.push_back(x509::format_ip_address(name.value));
    } else {
      auto mailbox = name.kind == x509::GeneralNameKind::email ? AltName::parse_mailbox(as_text(name.value))
                                                               : Error{ErrorCode::bad_name};
      if (mailbox && out.mailboxes.size() < max_mailboxes)
        out.mailboxes.push_back(*std::move(mailbox));
      else
        out.not_granted.push_back("name " + x509::print_general_name(name));
    }
  }
  if (texts.empty()) return {};
  auto names = parse_names(texts);
  if (!names) return Error{ErrorCode::csr_unacceptable, std::move(names).error().detail};
  out.names = *std::move(names);
  return {};
}

/// The common name, where it is a name that a certificate can be made for: what old tools still write.
std::vector<AltName> names_of_subject(Bytes subject) {
  std::vector<AltName> out;
  const auto rdns = x509::parse_name(subject);
  if (!rdns) return out;
  for (const x509::Rdn& rdn : *rdns)
    for (const x509::Attribute& attribute : rdn) {
      if (!(oids::common_name == attribute.type)) continue;
      const auto text = x509::text_of(attribute);
      if (!text) continue;
      if (auto name = AltName::parse(*text)) out = {*std::move(name)};
    }
  return out;
}

std::vector<std::string> mailboxes_of_subject(Bytes subject) {
  std::vector<std::string> out;
  const auto rdns = x509::parse_name(subject);
  for (const x509::Rdn& rdn : rdns ? *rdns : x509::Rdns{})
    for (const x509::Attribute& attribute : rdn)
      if (oids::email_address == attribute.type && out.size() < max_mailboxes)
        out.push_back(x509::print_general_name({x509::GeneralNameKind::email, attribute.value}));
  return out;
}

std::optional<Purposes> purposes_of(const std::vector<Bytes>& requested,
                                    std::vector<std::string>& not_granted) {
  Purposes out = {.server = false, .client = false};
  for (const Bytes oid : requested) {
    if (oids::server_auth == oid)
      out.server = true;
    else if (oids::client_auth == oid)
      out.client = true;
    else
      not_granted.push_back("purpose " + to_dotted(oid));
  }
  if (!out.server && !out.client) return {};
  return out;
}

/// TLS feature (RFC 7633 §4): SEQUENCE OF INTEGER.
bool asks_for_stapling(Bytes value) {
  bool found = false;
  DerReader r(value);
  r.sequence([&](DerReader& r) {
    while (r.more()) found = r.small_integer(0xffff) == 5 || found;
  });
  return r.done() && found;
}

/// Extensions that are judged by what they say, or written anew whatever a request says of them.
bool is_judged(Bytes oid) {
  const Oid ours[] = {oids::subject_alt_name, oids::extended_key_usage,     oids::basic_constraints,
                      oids::key_usage,        oids::subject_key_identifier, oids::authority_key_identifier,
                      oids::tls_feature};
  return std::any_of(std::begin(ours), std::end(ours), [&](const Oid& known) { return known == oid; });
}

/// RFC 2986 §4.1, §4.2.
Result<Wanted> read_request(CertificationRequest::Parsed& out) {
  Wanted wanted;
  DerReader r{Bytes(out.der)};
  r.sequence([&](DerReader& r) {
    const Element info = r.element(tag::sequence);
    out.info = info.whole;
    out.signature = x509::read_algorithm(r);
    out.signature_value = r.bit_string_octets();
    if (!r.ok()) return;
    DerReader inner(info.content);
    if (inner.small_integer(1) != 0) inner.fail("a version other than v1");
    out.subject = inner.element(tag::sequence).whole;
    if (inner.ok() && !x509::parse_name(out.subject)) inner.fail("the subject is malformed");
    out.public_key = x509::read_public_key(inner);
    // Old tools leave the attributes out where there are none.
    size_t count = 0;
    if (inner.next_is(tag::context_constructed(0)))
      inner.constructed(tag::context_constructed(0), [&](DerReader& r) {
        while (r.more()) {
          if (++count > max_attributes) return r.fail("there are too many attributes");
          read_attribute(r, wanted);
        }
      });
    if (!inner.done()) r.fail(inner.why());
  });
  if (!r.done()) return malformed(r.why());
  return wanted;
}

/// The allow-list: names, purposes of TLS, and status_request go into a certificate; the rest is listed.
Result<void> judge(Wanted& wanted, CertificationRequest::Parsed& out) {
  out.not_granted = std::move(wanted.not_granted);
  out.subject_mailboxes = mailboxes_of_subject(out.subject);
  if (wanted.extensions) {
    const x509::Extensions& extensions = *wanted.extensions;
    if (extensions.subject_alt_name) {
      BULLA_TRY(read_names(*extensions.subject_alt_name, out));
    }
    if (extensions.extended_key_usage)
      out.purposes = purposes_of(*extensions.extended_key_usage, out.not_granted);
    out.wants_ca = extensions.basic_constraints && extensions.basic_constraints->ca;
    for (const x509::Extension& one : extensions.all) {
      if (oids::tls_feature == one.oid)
        out.must_staple = asks_for_stapling(one.value);
      else if (!is_judged(one.oid))
        out.not_granted.push_back("extension " + to_dotted(one.oid));
    }
  }
  if (out.names.empty()) out.names = names_of_subject(out.subject);
  return {};
}

Result<void> check_key(const CertificationRequest::Parsed& request) {
  const x509::SubjectPublicKey& key = request.public_key;
  if (!key.key)
    return Error{ErrorCode::csr_unacceptable, x509::print_key(key),
                 "make a request with an ECDSA P-256, Ed25519 or RSA key: `bulla cert csr NAME`"};
  const bool rsa = key.key->type == KeyType::rsa || key.key->type == KeyType::rsa_pss;
  if (rsa && x509::key_bits(*key.key) < min_rsa_bits)
    return Error{ErrorCode::csr_unacceptable, "its RSA key has " + std::to_string(x509::key_bits(*key.key)) +
                                                  " bits, fewer than " + std::to_string(min_rsa_bits)};
  return {};
}

/// RFC 2986 §4.2: who made the request holds the private key.
Result<void> check_signature(const CertificationRequest::Parsed& request, const Provider& provider) {
  const auto algorithm = x509::signature_algorithm_of(request.signature);
  if (!algorithm || !provider.supports(*algorithm))
    return Error{ErrorCode::csr_unacceptable,
                 "it is signed with " + x509::print_algorithm(request.signature)};
  const PublicKeyView& key = *request.public_key.key;
  VerifyJob job = {
      .key = &key, .algorithm = *algorithm, .message = request.info, .signature = request.signature_value};
  if (allows(key, *algorithm)) provider.signing.verify({&job, 1});
  if (!job.ok) return Error{ErrorCode::csr_bad_signature, "subject " + x509::print_name(request.subject)};
  return {};
}

/// The request's DER out of a file.
Result<std::vector<uint8_t>> der_of(Bytes text) {
  if (!looks_like_pem(text)) return to_vector(text);
  BULLA_TRY(const auto blocks, decode_pem(text));
  std::string labels;
  for (const PemBlock& block : blocks) {
    if (block.label == "CERTIFICATE REQUEST" || block.label == "NEW CERTIFICATE REQUEST")  // RFC 7468 §7
      return to_vector(block.content.reveal());
    labels += (labels.empty() ? "" : ", ") + printable(block.label.substr(0, 64));
  }
  return Error{ErrorCode::csr_not_found, labels.empty() ? "" : "the file holds: " + labels.substr(0, 200)};
}

}  // namespace

Result<void> check_subject_text(const CertificationRequest::Parsed& request) {
  // The upper bounds of RFC 5280 §A.1 are 64 for most attributes, and 255 for a mailbox.
  constexpr size_t most = 255;
  const auto rdns = x509::parse_name(request.subject);
  for (const x509::Rdn& rdn : rdns ? *rdns : x509::Rdns{})
    for (const x509::Attribute& attribute : rdn) {
      const auto text = x509::text_of(attribute);
      if (!text || printable(*text) != *text || text->size() > most)
        return Error{
            ErrorCode::csr_unacceptable,
            "its subject has a value that is no text of at most " + std::to_string(most) +
                " bytes without control characters: " + x509::shortened(x509::print_name(request.subject))};
    }
  return {};
}

Result<std::vector<uint8_t>> subject_for(const CertificationRequest::Parsed& request, CertificateUse use) {
  BULLA_TRY(check_subject_text(request));
  if (use == CertificateUse::client || request.subject_mailboxes.empty()) return to_vector(request.subject);
  const auto rdns = x509::parse_name(request.subject);
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      for (x509::Rdn rdn : *rdns) {
        std::erase_if(rdn, [](const x509::Attribute& one) { return oids::email_address == one.type; });
        if (rdn.empty()) continue;
        w.set([&](DerWriter& w) {
          for (const x509::Attribute& one : rdn)
            w.sequence([&](DerWriter& w) {
              w.value(tag::oid, one.type);
              w.value(one.string_tag, one.value);
            });
        });
      }
    });
  });
}

Result<CertificationRequest> CertificationRequest::from_pem_or_der(Bytes text, const Provider& provider) {
  auto out = std::make_unique<Parsed>();
  if (text.empty()) return Error{ErrorCode::csr_not_found, "it is empty"};
  if (text.size() > max_request) return malformed("it is larger than 256 KiB");
  BULLA_TRY(out->der, der_of(text));
  BULLA_TRY(Wanted wanted, read_request(*out));
  BULLA_TRY(check_key(*out));
  BULLA_TRY(check_signature(*out, provider));
  BULLA_TRY(judge(wanted, *out));
  return CertificationRequest(std::unique_ptr<const Parsed>(std::move(out)));
}

CertificationRequest::CertificationRequest(std::unique_ptr<const Parsed> parsed) noexcept
    : parsed_(std::move(parsed)) {}
CertificationRequest::CertificationRequest(CertificationRequest&&) noexcept = default;
CertificationRequest& CertificationRequest::operator=(CertificationRequest&&) noexcept = default;
CertificationRequest::~CertificationRequest() = default;

Bytes CertificationRequest::der() const noexcept {
  return parsed_->der;
}
Bytes CertificationRequest::subject_der() const noexcept {
  return parsed_->subject;
}
std::string CertificationRequest::subject() const {
  return x509::print_name(parsed_->subject);
}
PublicKeyView CertificationRequest::public_key() const noexcept {
  return *parsed_->public_key.key;
}
const std::vector<AltName>& CertificationRequest::names() const noexcept {
  return parsed_->names;
}
bool CertificationRequest::wants_ca() const noexcept {
  return parsed_->wants_ca;
}
const std::vector<AltName>& CertificationRequest::mailboxes() const noexcept {
  return parsed_->mailboxes;
}
std::vector<std::string> CertificationRequest::not_granted(CertificateUse use) const {
  std::vector<std::string> out;
  if (use != CertificateUse::client) {
    for (const AltName& mailbox : parsed_->mailboxes) out.push_back("name email:" + mailbox.text());
    for (const std::string& mailbox : parsed_->subject_mailboxes)
      out.push_back("name " + mailbox + " in the subject");
  }
  out.insert(out.end(), parsed_->not_granted.begin(), parsed_->not_granted.end());
  if (!parsed_->purposes) return out;
  const Purposes granted = purposes_for(use);
  if (parsed_->purposes->server && !granted.server) out.emplace_back("purpose serverAuth");
  if (parsed_->purposes->client && !granted.client) out.emplace_back("purpose clientAuth");
  return out;
}

}  // namespace bulla::pki
