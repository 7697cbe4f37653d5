// What a PKCS#12 file holds (RFC 7292 §4.2), read once its MAC has proven that the file is whole.
#include "asn1/der_reader.h"
#include "pki/means.h"
#include "pki/pkcs12_ber.h"
#include "pki/pkcs12_format.h"
#include "pki/pkcs12_mac.h"
#include "pki/pkcs12_open.h"
#include "pki/pkcs12_parts.h"
#include "pki/pkcs12_text.h"
#include "x509/pbes2.h"

#include <bulla/bundle.h>
#include <bulla/pkcs12.h>

#include <algorithm>

namespace bulla::pki {
namespace {

using namespace asn1;

constexpr size_t max_bags = 10'000;
/// SafeContents within SafeContents; nobody is known to do it.
constexpr unsigned max_nesting = 4;

/// What is kept of a SafeBag. Views.
struct KeyBag {
  Bytes value = {};
  bool shrouded = false;
  std::string friendly_name = {};
};
struct CertificateBag {
  CertificatePtr certificate = {};
  std::string friendly_name = {};
};

/// PKCS12Attributes: the friendly name is all that matters here. A malformed one spoils the file.
std::string read_attributes(DerReader& r) {
  std::string friendly_name;
  r.constructed(tag::set, [&](DerReader& r) {
    while (r.more()) {
      r.sequence([&](DerReader& r) {
        const Bytes type = r.oid();
        const Bytes values = r.content(tag::set);
        if (!(oids::friendly_name == type) || !r.ok()) return;
        DerReader one(values);
        const auto text = utf8_of(one.content(tag::bmp_string));  // RFC 2985 §5.5.1: SINGLE VALUE
        if (!one.done() || !text) return r.fail("a friendly name is malformed");
        friendly_name = *text;
      });
    }
  });
  return friendly_name;
}

class Opener {
 public:
  Opener(std::string_view passphrase, const Provider& provider, const x509::KeyFileLimits& limits)
      : passphrase_(passphrase), provider_(provider), limits_(limits), work_left_(limits.pbkdf2_iterations) {}

  Result<void> check_mac(const Pfx& pfx) {
    if (!pfx.mac)
      return Error{
          ErrorCode::pkcs12_unsupported, "nothing protects it from being altered: it has no MAC",
          "`openssl pkcs12 -nomacver -in FILE -out NEW` makes PEM of it, if you trust where it comes "
          "from"};
    BULLA_TRY(const Pkcs12Mac mac, read_mac(DerReader(*pfx.mac), limits_));
    BULLA_TRY(spend(passphrase_.empty() ? 2 * work_of(mac) : work_of(mac)));
    BULLA_TRY(const bool good, verify_mac(mac, pfx.content, passphrase_, provider_));
    if (good) return {};
    return passphrase_.empty() ? ErrorCode::pkcs12_passphrase_needed : ErrorCode::pkcs12_passphrase_wrong;
  }

  Result<void> read_contents(Bytes authenticated_safe) {
    BULLA_TRY(SecretBytes definite, with_definite_lengths(authenticated_safe));
    BULLA_TRY(const std::vector<Part> parts, read_parts(keep(std::move(definite))));
    for (const Part& part : parts) {
      Bytes plain = part.plain;
      if (part.encryption) {
        BULLA_TRY(SecretBytes opened, open(*part.encryption, part.encrypted));
        plain = keep(std::move(opened));
      }
      BULLA_TRY(SecretBytes definite_part, with_definite_lengths(plain));
      BULLA_TRY(read_safe(keep(std::move(definite_part)), 0));
    }
    return {};
  }

  Result<Pkcs12> take(const Pkcs12Choice& choice, const Means& means) {
    Pkcs12 out;
    BULLA_TRY(const KeyBag* const chosen, choose(choice));
    std::vector<CertificatePtr> all;
    for (const CertificateBag& bag : certificates_) all.push_back(bag.certificate);
    if (!chosen) {
      out.further = std::move(all);
      return out;
    }
    out.friendly_name = chosen->friendly_name;
    BULLA_TRY(out.key, load(*chosen, means));
    auto ordered =
        order_chain(all, {.key = out.key->public_key(), .root = RootInChain::keep}, means.provider);
    if (!ordered) {
      out.further = std::move(all);
      return out;
    }
    out.chain = std::move(ordered->chain);
    out.further = std::move(ordered->unrelated);
    for (const CertificateBag& bag : certificates_)
      if (out.friendly_name.empty() && bag.certificate == out.chain.front())
        out.friendly_name = bag.friendly_name;
    return out;
  }

 private:
  Bytes keep(SecretBytes memory) {
    kept_.push_back(std::move(memory));
    return kept_.back().reveal();
  }

  /// All key derivations of a file together: it must not burn minutes.
  Result<void> spend(uint64_t work) {
    if (work > work_left_)
      return unsupported_pkcs12("its passphrase takes more work than " +
                                std::to_string(limits_.pbkdf2_iterations) + " iterations altogether");
    work_left_ -= work;
    return {};
  }

  Result<SecretBytes> open(const x509::AlgorithmIdentifier& how, Bytes encrypted) {
    const auto box = x509::read_pbes2(how, encrypted, limits_);
    if (!box) return as_pkcs12(box.error());
    BULLA_TRY(spend(box->work()));
    auto plain = x509::open_pbes2(*box, as_bytes(passphrase_), provider_);
    if (!plain) return as_pkcs12(std::move(plain).error());
    return plain;
  }

  /// SafeContents ::= SEQUENCE OF SafeBag.
  Result<void> read_safe(Bytes der, unsigned nesting) {
    if (nesting > max_nesting) return malformed_pkcs12("its bags nest too deeply");
    DerReader r(der);
    Result<void> outcome;
    r.sequence([&](DerReader& r) {
      while (r.more() && outcome) {
        Bytes type, value;
        std::string friendly_name;
        r.sequence([&](DerReader& r) {
          type = r.oid();
          r.explicit_tag(0, [&](DerReader& r) { value = r.any().whole; });
          if (r.more()) friendly_name = read_attributes(r);
        });
        if (r.ok()) outcome = read_bag(type, value, std::move(friendly_name), nesting);
      }
      r.rest();
    });
    BULLA_TRY(outcome);
    if (!r.done()) return malformed_pkcs12(r.why());
    return {};
  }

  Result<void> read_bag(Bytes type, Bytes value, std::string friendly_name, unsigned nesting) {
    if (++bags_ > max_bags) return malformed_pkcs12("it has too many bags");
    const bool shrouded = oids::shrouded_key_bag == type;
    if (shrouded || oids::key_bag == type) {
      keys_.push_back({value, shrouded, std::move(friendly_name)});
      return {};
    }
    if (oids::cert_bag == type) return read_certificate(value, std::move(friendly_name));
    if (oids::safe_contents_bag == type) return read_safe(value, nesting + 1);
    // CRLs and secrets (symmetric keys in Java's key stores) are left where they are.
    if (oids::crl_bag == type || oids::secret_bag == type) return {};
    return malformed_pkcs12("a bag is of the unknown type " + to_dotted(type));
  }

  Result<void> read_certificate(Bytes bag, std::string friendly_name) {
    DerReader r(bag);
    Bytes der;
    bool x509 = false;
    r.sequence([&](DerReader& r) {
      x509 = oids::x509_certificate == r.oid();
      r.explicit_tag(0, [&](DerReader& r) { der = r.any().content; });
    });
    if (!r.done()) return malformed_pkcs12(r.why());
    if (!x509) return {};  // SDSI's, which nobody uses
    auto certificate = Certificate::from_der(der);
    if (!certificate) {
      Error error = std::move(certificate).error();
      error.detail =
          "certificate " + std::to_string(certificates_.size() + 1) + " of the file: " + error.detail;
      return error;
    }
    certificates_.push_back({*std::move(certificate), std::move(friendly_name)});
    return {};
  }

  /// nullptr: there is no key.
  Result<const KeyBag*> choose(const Pkcs12Choice& choice) const {
    std::string names;
    const KeyBag* found = nullptr;
    size_t fitting = 0;
    for (const KeyBag& key : keys_) {
      names += (names.empty() ? "" : ", ") + (key.friendly_name.empty() ? "(no name)" : key.friendly_name);
      if (!choice.friendly_name.empty() && key.friendly_name != choice.friendly_name) continue;
      ++fitting;
      found = &key;
    }
    if (fitting == 1 || keys_.empty()) return found;
    constexpr size_t most = 200;
    return Error{ErrorCode::bad_argument,
                 (fitting ? "the PKCS#12 file holds " + std::to_string(keys_.size()) + " keys: "
                          : "the PKCS#12 file holds no key of that name, but: ") +
                     printable(names.substr(0, most)),
                 "choose one by its name"};
  }

  Result<KeyPair> load(const KeyBag& bag, const Means& means) {
    if (!bag.shrouded) return KeyPair::load(bag.value, {}, surroundings_of(means));
    DerReader r(bag.value);
    x509::AlgorithmIdentifier how;
    Bytes encrypted;
    r.sequence([&](DerReader& r) {
      how = x509::read_algorithm(r);
      encrypted = r.octet_string();
    });
    if (!r.done()) return malformed_pkcs12(r.why());
    BULLA_TRY(const SecretBytes plain, open(how, encrypted));
    return KeyPair::load(plain.reveal(), {}, surroundings_of(means));
  }

  std::string_view passphrase_;
  const Provider& provider_;
  x509::KeyFileLimits limits_;
  uint64_t work_left_;
  std::vector<SecretBytes> kept_;
  std::vector<KeyBag> keys_;
  std::vector<CertificateBag> certificates_;
  size_t bags_ = 0;
};

}  // namespace

Result<Pkcs12> open_pkcs12(Bytes file, std::string_view passphrase, const Pkcs12Choice& choice,
                           const Means& means, const x509::KeyFileLimits& limits) {
  BULLA_TRY(const Pfx pfx, read_pfx(file));
  Opener opener(passphrase, means.provider, limits);
  BULLA_TRY(opener.check_mac(pfx));
  BULLA_TRY(opener.read_contents(pfx.content));
  return opener.take(choice, means);
}

Result<Pkcs12> Pkcs12::open(Bytes file, std::string_view passphrase, const Pkcs12Choice& choice,
                            const Surroundings& around) {
  return open_pkcs12(file, passphrase, choice, means_of(around), {});
}

}  // namespace bulla::pki
