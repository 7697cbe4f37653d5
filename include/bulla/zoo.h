// The zoo: certificates that are wrong on purpose, each with the finding that a good verifier reports. To
// test clients with, one's own and those of others.
//
//   const auto zoo = pki::Zoo::open().value();
//   for (const pki::Specimen& one : pki::specimens()) {
//     const pki::Exhibit exhibit = zoo.exhibit(one).value();
//     ...                                         // a server with exhibit.identity, for the name one.host()
//   }
#pragma once

#include <bulla/pki.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::pki {

/// One kind of certificate that is kept in the zoo.
struct Specimen {
  std::string_view name = {};  ///< "expired": the file's stem and the first label of host()
  std::string_view what = {};  ///< what is wrong with it, one sentence
  /// What this library reports when it trusts the zoo's root, has its lists, asks for host() and for a
  /// stapled OCSP response; empty: it is sound, and has to be accepted.
  std::optional<ErrorCode> finding = {};
  /// Whether others may think otherwise.
  enum class Verdict : uint8_t {
    agreed,    ///< a client that comes to another verdict is broken
    debatable  ///< good clients differ
  };
  Verdict verdict = Verdict::agreed;  ///< agreed, but for a few

  /// "expired.zoo.localhost": the name that a client asks for. Names below localhost lead to this machine
  /// (RFC 6761 §6.3).
  std::string host() const;
};

/// All kinds, the sound ones first; static.
std::span<const Specimen> specimens() noexcept;

/// A specimen that was made: what a server shows.
struct Exhibit {
  /// Leaf first, DER; not all of it need be a certificate.
  std::vector<std::vector<uint8_t>> chain = {};
  /// The leaf's key.
  KeyPair key;
  /// What the server staples where it is asked to, DER; empty: nothing.
  std::vector<uint8_t> ocsp_response = {};
  /// For a server's config: sends `chain` as it is, whether it can be parsed or not, and the response.
  IdentityPtr identity = {};

  /// The chain as PEM text.
  std::string chain_pem() const;
};

/// A root to trust for as long as a test runs, and what it has (or has not) certified. The private key of the
/// root is never written down. Immutable, for any number of threads.
class Zoo {
 public:
  /// Makes the root and its intermediate. Errors: those of KeyPair::generate.
  static Result<Zoo> open(const Surroundings& around = {});

  const Certificate& root() const noexcept { return *root_; }  ///< lives as long as the zoo
  std::string root_pem() const;                                ///< what a client is told to trust
  /// What a client is told of revocation: the lists of the zoo's CAs, the intermediate's first.
  const std::string& lists_pem() const noexcept;
  /// Makes the specimen anew; those that were revoked keep their serial numbers. Errors: operation_failed
  /// where a key does not sign.
  Result<Exhibit> exhibit(const Specimen& specimen, const Surroundings& around = {}) const;

  /// An inner type; no part of the interface.
  struct Keepers;

 private:
  Zoo(CertificatePtr root, std::shared_ptr<const Keepers> keepers) noexcept
      : root_(std::move(root)), keepers_(std::move(keepers)) {}
  CertificatePtr root_;
  std::shared_ptr<const Keepers> keepers_;
};

}  // namespace bulla::pki
