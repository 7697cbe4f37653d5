#include "pki/items.h"

#include "asn1/der_reader.h"
#include "asn1/pem.h"

#include <bulla/pkcs12.h>

#include <array>

namespace bulla::pki {
namespace {

using namespace asn1;

struct Labelled {
  std::string_view label;
  ItemKind kind;
};
// RFC 7468 §5 to §13, what OpenSSL wrote before, and what it calls lists. The first label of a kind is the
// one that is written.
constexpr Labelled labels[] = {
    {"CERTIFICATE", ItemKind::certificate},
    {"X509 CERTIFICATE", ItemKind::certificate},
    {"CERTIFICATE REQUEST", ItemKind::request},
    {"NEW CERTIFICATE REQUEST", ItemKind::request},
    {"X509 CRL", ItemKind::revocation_list},
    {"PRIVATE KEY", ItemKind::key},
    {"RSA PRIVATE KEY", ItemKind::key},
    {"EC PRIVATE KEY", ItemKind::key},
    {"OPENSSH PRIVATE KEY", ItemKind::key},
    {"DSA PRIVATE KEY", ItemKind::key},
    {"ENCRYPTED PRIVATE KEY", ItemKind::encrypted_key},
    {"PUBLIC KEY", ItemKind::public_key},
    {"PKCS12", ItemKind::pkcs12},  // GnuTLS
};

struct Named {
  ItemKind kind;
  std::string_view name;
};
constexpr Named names[] = {
    {ItemKind::certificate, "a certificate"},
    {ItemKind::request, "a certification request"},
    {ItemKind::revocation_list, "a revocation list"},
    {ItemKind::key, "a private key"},
    {ItemKind::encrypted_key, "an encrypted private key"},
    {ItemKind::old_encrypted_key, "a private key encrypted in the old PEM way"},
    {ItemKind::public_key, "a public key"},
    {ItemKind::pkcs12, "a PKCS#12 file"},
};

ItemKind kind_of_block(const PemBlock& block) {
  ItemKind kind = ItemKind::unknown;
  for (const Labelled& known : labels)
    if (known.label == block.label) kind = known.kind;
  if (kind == ItemKind::key && block.headers.find("ENCRYPTED") != std::string::npos)
    return ItemKind::old_encrypted_key;
  return kind;
}

/// SIGNED { SEQUENCE, AlgorithmIdentifier, BIT STRING }: which of the three it is shows in what is signed.
ItemKind kind_of_signed(Bytes to_be_signed) noexcept {
  std::array<uint8_t, 5> tags = {};
  DerReader r(to_be_signed);
  for (uint8_t& tag : tags)
    if (r.more()) tag = r.any().tag;
  if (!r.ok()) return ItemKind::unknown;
  if (tags[0] == tag::context_constructed(0)) return ItemKind::certificate;
  const size_t at = tags[0] == tag::integer ? 1 : 0;
  if (tags[at] != tag::sequence || tags[at + 1] != tag::sequence) return ItemKind::unknown;
  const uint8_t third = tags[at + 2];
  if (third == tag::utc_time || third == tag::generalized_time) return ItemKind::revocation_list;
  if (at == 1 && third == tag::sequence) return ItemKind::certificate;  // of version 1
  return at == 1 ? ItemKind::request : ItemKind::unknown;
}

}  // namespace

std::string_view name_of(ItemKind kind) noexcept {
  for (const Named& known : names)
    if (known.kind == kind) return known.name;
  return "something unknown";
}

std::string_view pem_label_of(ItemKind kind) noexcept {
  for (const Labelled& known : labels)
    if (known.kind == kind) return known.label;
  return {};
}

bool is_one_element(Bytes der) noexcept {
  DerReader r(der);
  r.any();
  return r.done();
}

ItemKind kind_of_der(Bytes der) noexcept {
  if (looks_like_pkcs12(der)) return ItemKind::pkcs12;
  DerReader outer(der);
  DerReader r(outer.content(tag::sequence));
  const Element first = r.any();
  const Element second = r.any();
  const Element third = r.more() ? r.any() : Element{};
  if (!outer.done() || !r.ok()) return ItemKind::unknown;
  if (first.tag == tag::integer) {  // PKCS#8, PKCS#1, SEC1
    const bool key =
        second.tag == tag::sequence || second.tag == tag::integer || second.tag == tag::octet_string;
    return key ? ItemKind::key : ItemKind::unknown;
  }
  if (first.tag != tag::sequence) return ItemKind::unknown;
  if (second.tag == tag::octet_string) return ItemKind::encrypted_key;
  if (second.tag == tag::bit_string) return ItemKind::public_key;
  if (second.tag == tag::sequence && third.tag == tag::bit_string) return kind_of_signed(first.content);
  return ItemKind::unknown;
}

Result<std::vector<Item>> items_of(Bytes file) {
  std::vector<Item> out;
  if (file.empty()) return Error{ErrorCode::certificate_not_found, "it is empty"};
  if (!looks_like_pem(file)) {
    out.push_back({.kind = kind_of_der(file), .content = SecretBytes(file)});
    return out;
  }
  BULLA_TRY(std::vector<PemBlock> blocks, decode_pem(file));
  for (PemBlock& block : blocks)
    out.push_back({.kind = kind_of_block(block), .label = block.label, .content = std::move(block.content)});
  if (out.empty()) return ErrorCode::certificate_not_found;
  return out;
}

}  // namespace bulla::pki
