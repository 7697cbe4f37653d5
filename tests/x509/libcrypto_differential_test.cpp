// Random chains, judged by our verifier and by libcrypto's: both accept, or both refuse. After Frankencert
// (Brubaker and others, 2014), with chains that are right more often than not, so that one thing is wrong at
// a time.
#include "crafted.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <gtest/gtest.h>

#include <memory>
#include <random>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace bulla::test {
namespace {

using namespace asn1;

/// The same chains every time.
class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  unsigned below(unsigned bound) { return static_cast<unsigned>(engine_()) % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class T, size_t N>
  const T& one_of(const T (&values)[N]) {
    return values[below(N)];
  }

 private:
  std::mt19937 engine_;
};

/// An extension, written now and put into a certificate later.
using Extensions = std::vector<std::vector<uint8_t>>;
void add(Extensions& out, const Oid& oid, Critical critical, const std::function<void(DerWriter&)>& value) {
  out.push_back(to_der([&](DerWriter& w) { write_extension(w, oid, critical, value); }));
}

void add_name_constraints(Dice& dice, Extensions& out) {
  constexpr const char* bases[] = {"example.com", ".example.com", "com", "evil.test", "www.example.com", "",
                                   "EXAMPLE.COM"};
  const std::string base = dice.one_of(bases);
  const unsigned list = dice.below(2), kind = dice.below(3);
  const std::vector<uint8_t> net = {192, 0, 2, 0, 255, 255, 255, 0};
  add(out, oids::name_constraints, Critical::yes, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.explicit_tag(list, [&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          if (kind == 2)
            w.value(tag::context(7), net);
          else
            w.value(tag::context(kind == 0 ? 2 : 1), as_bytes(base));
        });
      });
    });
  });
}

constexpr Oid policies[] = {oid("1.2.3.1"), oid("1.2.3.2"), oids::any_policy};

void add_policies(Dice& dice, Extensions& out) {
  const Oid& policy = dice.one_of(policies);
  add(out, oids::certificate_policies, Critical::no, [&](DerWriter& w) {
    w.sequence([&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.oid(policy); }); });
  });
}

/// What only a CA below the root says: libcrypto does not look at the anchor's own (RFC 5937 does).
void add_policy_rules(Dice& dice, Extensions& out) {
  if (dice.chance(15)) {
    const unsigned which = dice.below(2);
    const uint8_t skip = static_cast<uint8_t>(dice.below(3));
    add(out, oids::policy_constraints, Critical::yes,
        [&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.value(tag::context(which), {&skip, 1}); }); });
  }
  if (dice.chance(10)) {
    const unsigned from = dice.below(2);  // anyPolicy is never mapped
    add(out, oids::policy_mappings, Critical::yes, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          w.oid(policies[from]);
          w.oid(policies[1 - from]);
        });
      });
    });
  }
  if (dice.chance(8)) {
    const unsigned skip = dice.below(3);
    add(out, oids::inhibit_any_policy, Critical::yes, [&](DerWriter& w) { w.integer(skip); });
  }
}

/// Dates, purposes and extensions that any certificate may have.
void roll_common(Dice& dice, Draft& draft, Extensions& extensions) {
  if (dice.chance(4)) draft.not_after = test_now() - Seconds(5);
  if (dice.chance(3)) draft.not_before = test_now() + Seconds(5);
  // anyExtendedKeyUsage is left out: libcrypto does not take it for serverAuth, RFC 5280 §4.2.1.12 does.
  constexpr Oid purposes[] = {oids::server_auth, oids::client_auth, oids::email_protection};
  if (dice.chance(15)) draft.purposes = {dice.one_of(purposes)};
  if (!draft.purposes.empty() && dice.chance(30)) draft.purposes.push_back(oids::server_auth);
  if (dice.chance(3)) add(extensions, oid("1.2.3.4.5"), Critical::yes, [](DerWriter& w) { w.null(); });
  if (dice.chance(40)) add_policies(dice, extensions);
}

Draft roll_leaf(Dice& dice, Extensions& extensions) {
  constexpr const char* names[] = {"www.example.com",   "*.example.com",  "evil.test",        "example.com.",
                                   "a.b.example.com",   "*.com",          "EXAMPLE.com",      "not a name",
                                   "xn--a.example.com", "w*.example.com", "*.www.example.com"};
  Draft draft;
  draft.dns = {dice.chance(60) ? "example.com" : dice.one_of(names)};
  if (dice.chance(30)) draft.dns.push_back(dice.one_of(names));
  if (dice.chance(15)) draft.ips = {{192, 0, 2, 1}};
  if (dice.chance(15)) draft.ca = dice.chance(50);
  if (dice.chance(15)) draft.key_usage = dice.chance(50) ? 1u : 5u;
  roll_common(dice, draft, extensions);
  return draft;
}

enum class Place : uint8_t { intermediate, root };

Draft roll_ca(Dice& dice, unsigned level, Place place, Extensions& extensions) {
  Draft draft = ca_draft("CA " + std::to_string(level));
  const bool root = place == Place::root;
  if (!root && dice.chance(6)) draft.ca = dice.chance(50) ? std::optional(false) : std::nullopt;
  if (dice.chance(20)) draft.path_length = dice.below(3);
  constexpr std::optional<uint32_t> usages[] = {{}, 1u, 1u << 5, 1u << 5 | 1u};
  if (!root && dice.chance(12)) draft.key_usage = dice.one_of(usages);
  if (!root && dice.chance(10)) draft.subject = "CA " + std::to_string(level + 1);  // self-issued
  roll_common(dice, draft, extensions);
  if (dice.chance(20)) add_name_constraints(dice, extensions);
  if (!root) add_policy_rules(dice, extensions);
  return draft;
}

/// Leaf first, root last.
std::vector<Entity> roll_chain(Dice& dice, std::span<const SigningKeyPtr> keys) {
  const unsigned size = 2 + dice.below(3);
  std::vector<Entity> out(size);
  for (unsigned level = size; level-- > 0;) {
    Extensions extensions;
    const bool root = level + 1 == size;
    Draft draft = level ? roll_ca(dice, level, root ? Place::root : Place::intermediate, extensions)
                        : roll_leaf(dice, extensions);
    draft.more_extensions = [&](DerWriter& w) {
      for (const auto& one : extensions) w.raw(one);
    };
    out[level] = issue(draft, root ? nullptr : &out[level + 1], keys[level]);
  }
  return out;
}

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;

X509Ptr to_x509(const std::vector<uint8_t>& der) {
  const uint8_t* at = der.data();
  return X509Ptr(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

void set_question(X509_VERIFY_PARAM* question, const ServerName& name) {
  X509_VERIFY_PARAM_set_purpose(question, X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM_set_time(question,
                             std::chrono::floor<std::chrono::seconds>(test_now()).time_since_epoch().count());
  // Policies are processed, and the user takes any.
  X509_VERIFY_PARAM_add0_policy(question, OBJ_txt2obj("2.5.29.32.0", 1));
  X509_VERIFY_PARAM_set_flags(question, X509_V_FLAG_POLICY_CHECK);
  X509_VERIFY_PARAM_set_hostflags(question,
                                  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (name.kind() == ServerName::Kind::ip)
    X509_VERIFY_PARAM_set1_ip_asc(question, name.text().c_str());
  else
    X509_VERIFY_PARAM_set1_host(question, name.text().c_str(), 0);
}

/// libcrypto 3.0 loses the policyConstraints of a certificate that has no certificatePolicies (pcy_cache.c
/// returns before it frees them).
int verify_leaking(X509_STORE_CTX* context) {
#ifdef __SANITIZE_ADDRESS__
  const __lsan::ScopedDisabler not_ours;
#endif
  return X509_verify_cert(context);
}

/// libcrypto's X509_V_OK or X509_V_ERR_*.
int libcryptos_verdict(std::span<const Entity> chain, const ServerName& name) {
  std::vector<X509Ptr> certificates;
  for (const Entity& one : chain) certificates.push_back(to_x509(one.der));
  const std::unique_ptr<X509_STORE, Freer<X509_STORE_free>> store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), certificates.back().get());
  STACK_OF(X509)* sent = sk_X509_new_null();
  for (size_t i = 1; i + 1 < certificates.size(); ++i) sk_X509_push(sent, certificates[i].get());
  const std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), certificates.front().get(), sent);
  X509_STORE_CTX_set_default(context.get(), "ssl_server");
  set_question(X509_STORE_CTX_get0_param(context.get()), name);
  const int verdict =
      verify_leaking(context.get()) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context.get());
  sk_X509_free(sent);
  return verdict;
}

Result<ChainVerified> our_verdict(std::span<const Entity> chain, const ServerName& name) {
  std::vector<CertificatePtr> sent;
  for (const Entity& one : chain.first(chain.size() - 1)) sent.push_back(one.certificate);
  RootStore roots;
  roots.add(chain.back().certificate);
  return WebPkiVerifier(std::move(roots)).verify({.chain = sent, .name = &name, .now = test_now()});
}

/// libcrypto does not try another issuer of the same name when the first one turns out to be wrong.
bool stopped_early(int verdict) {
  return verdict == X509_V_ERR_CERT_SIGNATURE_FAILURE || verdict == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN;
}

/// Where we refuse more: nothing that is no name ("example.com.", "w*.example.com") is compared with a
/// constraint, and a wildcard that may stand for an excluded name is excluded.
bool is_stricter(const Error& error) {
  const bool wildcard = error.detail.starts_with("DNS:*.") && error.detail.find(" is excluded by ") < 200;
  return error.code == ErrorCode::certificate_name_constraint &&
         (wildcard || error.detail.find("cannot be compared") != std::string::npos);
}

TEST(DifferentialTest, LibcryptoAgrees) {
  Dice dice(2014);
  const SigningKeyPtr keys[] = {new_key(), new_key(), new_key(), new_key()};
  const ServerName names[] = {ServerName::parse("example.com").value(),
                              ServerName::parse("www.example.com").value(),
                              ServerName::parse("192.0.2.1").value()};
  size_t accepted = 0, refused = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::vector<Entity> chain = roll_chain(dice, keys);
    const ServerName& name = dice.chance(80) ? names[0] : dice.one_of(names);
    for (const Entity& one : chain) ASSERT_TRUE(one.certificate) << i;
    const auto ours = our_verdict(chain, name);
    const int theirs = libcryptos_verdict(chain, name);
    ++(ours.ok() ? accepted : refused);
    if (ours.ok() ? stopped_early(theirs) : is_stricter(ours.error())) continue;
    EXPECT_EQ(ours.ok(), theirs == X509_V_OK)
        << "chain " << i << " for " << name.text() << "\nlibcrypto: " << X509_verify_cert_error_string(theirs)
        << "\nours: " << (ours ? "accepted" : ours.error().message());
  }
  EXPECT_GT(accepted, 300u);
  EXPECT_GT(refused, 300u);
}

}  // namespace
}  // namespace bulla::test
