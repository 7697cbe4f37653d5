// What a certificate says beside its key, as whoever orders it says it: who its holder is, what the key is
// for, for how long, where revocation is told, and what a CA may certify at all.
#pragma once

#include <bulla/bytes.h>
#include <bulla/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace bulla::pki {

/// What the key of an end entity is for (extendedKeyUsage): TLS servers, TLS clients, or both.
enum class CertificateUse : uint8_t { server, client, both };

/// Who an end entity is. Clients may be people: they have mailboxes beside names of hosts, and one who has a
/// common name needs no other. Everybody else has at least one host.
struct Subject {
  std::vector<std::string> names = {};  ///< DNS names, wildcards, IP addresses, mailboxes ("ada@example.com")
  /// 1 to 64 bytes of UTF-8, as "Ada Lovelace"; the first of `names` where it is empty.
  std::string common_name = {};
};

/// For how long and for what a CA signs, and where it tells of revocation.
struct Terms {
  unsigned days = 365;                        ///< 1 to 36500, cut off where the CA's own validity ends
  CertificateUse use = CertificateUse::both;  ///< what is asked for beyond it is not granted
  std::string crl_url = {};                   ///< http://..., where the CA's CRL lies; not mentioned if empty
  std::string ocsp_url = {};                  ///< http://..., where the CA's OCSP responder answers; the same
};

/// A part of the name space, to which a CA can be confined (nameConstraints).
class Subtree {
 public:
  /// What kind of names it is about. Of each kind, a CA that is confined at all may certify what lies in one
  /// of its subtrees of that kind, and nothing where it has none.
  enum class Kind : uint8_t { dns, ip, mailbox };
  /// "example.com": that name and all below it; "10.0.0.0/8", "2001:db8::/32", "192.0.2.1": addresses;
  /// "@example.com": the mailboxes of that host; "ada@example.com": that mailbox. Error: bad_name.
  static Result<Subtree> parse(std::string_view text);

  Kind kind() const noexcept { return kind_; }                ///< what it is about
  const std::string& text() const noexcept { return text_; }  ///< in its canonical form, as parse reads it
  /// The value of the GeneralName: text in ASCII, or address and mask.
  Bytes base() const noexcept { return base_; }
  /// The same part of the name space.
  friend bool operator==(const Subtree&, const Subtree&) = default;

 private:
  Subtree() = default;
  Kind kind_ = Kind::dns;
  std::string text_;
  std::vector<uint8_t> base_;
};

}  // namespace bulla::pki
