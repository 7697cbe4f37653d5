// What a search may cost: signatures by their keys, and names and policies on hundreds of paths, which a few
// certificates make.
#include "crafted.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace asn1;

ErrorCode code_of(const Result<ChainVerified>& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? ErrorCode::internal : result.error().code;
}

/// Fifteen CAs in five layers: each of a layer issued all of the layer below, so that there are 243 paths.
struct Layers {
  Entity root = issue(ca_draft("Root")), lowest = root;
  std::vector<CertificatePtr> cas = {};

  explicit Layers(const std::function<void(DerWriter&)>& extensions) {
    for (uint8_t layer = 0; layer < 5; ++layer) {
      Draft draft = ca_draft("CA " + std::to_string(layer));
      draft.more_extensions = extensions;
      const SigningKeyPtr key = new_key();
      const Entity above = lowest;
      for (uint8_t i = 1; i <= 3; ++i) {
        draft.serial = {static_cast<uint8_t>(8 * layer + i)};
        lowest = issue(draft, &above, key);
        cas.push_back(lowest.certificate);
      }
    }
  }
  Result<ChainVerified> verify(Draft leaf, const WebPkiVerifier::Options& options) const {
    std::vector<CertificatePtr> chain = {issue(leaf, &lowest).certificate};
    chain.insert(chain.end(), cas.begin(), cas.end());
    EXPECT_TRUE(chain.front());
    RootStore trusted;
    trusted.add(root.certificate);
    return WebPkiVerifier(trusted, options).verify({.chain = chain, .now = test_now()});
  }
};

// All paths fail in the end, and each made the names of the leaf ready five times, which took seconds.
TEST(PathBudgetTest, LongNamesOnManyPathsAreBounded) {
  const Layers layers([](DerWriter& w) {  // everything is permitted
    write_extension(w, oids::name_constraints, Critical::yes, [](DerWriter& w) {
      w.sequence([](DerWriter& w) {
        w.constructed(tag::context_constructed(0), [](DerWriter& w) {
          w.sequence(
              [](DerWriter& w) { w.explicit_tag(4, [](DerWriter& w) { w.sequence([](DerWriter&) {}); }); });
        });
      });
    });
  });
  Draft leaf;
  leaf.subject_name = [](DerWriter& w) {
    w.sequence([](DerWriter& w) {
      for (int i = 0; i < 3'000; ++i)
        w.set([](DerWriter& w) {
          w.sequence([](DerWriter& w) {
            w.oid(oids::common_name);
            w.utf8_string("x");
          });
        });
    });
  };
  EXPECT_TRUE(layers.verify(leaf, {}).ok()) << "one path is affordable";
  WebPkiVerifier::Options options;
  options.policies.required = true;
  EXPECT_EQ(code_of(layers.verify(leaf, options)), ErrorCode::certificate_budget_exhausted);
  EXPECT_EQ(code_of(layers.verify({}, options)), ErrorCode::certificate_policy);
}

TEST(PathBudgetTest, ManyPoliciesOnManyPathsAreBounded) {
  const auto listing = [](int count) {
    return [=](DerWriter& w) {
      write_extension(w, oids::certificate_policies, Critical::no, [=](DerWriter& w) {
        w.sequence([=](DerWriter& w) {
          for (int i = 0; i < count; ++i)
            w.sequence([=](DerWriter& w) {
              const uint8_t content[] = {0x2a, static_cast<uint8_t>(0x81 + i / 128),
                                         static_cast<uint8_t>(i % 128)};
              w.value(tag::oid, content);
            });
        });
      });
    };
  };
  WebPkiVerifier::Options options;
  options.policies.required = true;
  options.policies.accepted = {PolicyId::parse("2.999.1").value()};
  EXPECT_EQ(code_of(Layers(listing(800)).verify({}, options)), ErrorCode::certificate_budget_exhausted);
  EXPECT_EQ(code_of(Layers(listing(8)).verify({}, options)), ErrorCode::certificate_policy);
}

// What a signature costs depends on its key, which the peer chose.
TEST(PathBudgetTest, DearSignaturesAreFewer) {
  const Entity root = issue(ca_draft("Root"));
  RootStore trusted;
  trusted.add(root.certificate);
  for (const auto& [type, most] :
       {std::pair(KeyType::ec_p256, 100u), {KeyType::ec_p384, 25u}, {KeyType::ec_p521, 15u}}) {
    const Entity gone = issue(ca_draft("CA"), &root, new_key(type));
    Draft draft;
    draft.key_identifiers = false;
    std::vector<CertificatePtr> chain = {issue(draft, &gone).certificate};
    const auto keys = std::vector{new_key(type), new_key(type)};
    // Of the same name, and none of them is the issuer; those of the same key are told apart.
    for (unsigned i = 0; i < 110; ++i) chain.push_back(issue(ca_draft("CA"), &root, keys[i % 2]).certificate);
    const auto refused = WebPkiVerifier(trusted).verify({.chain = chain, .now = test_now()});
    EXPECT_EQ(code_of(refused), ErrorCode::certificate_budget_exhausted);
    EXPECT_THAT(refused.error().detail,
                testing::HasSubstr("and " + std::to_string(most) + " signatures checked"));
    // A path of as many certificates as there may be is none the less found.
    std::vector<Entity> path = {issue(ca_draft("Root"), nullptr, new_key(type))};
    for (int i = 0; i < 8; ++i)
      path.push_back(issue(ca_draft("CA " + std::to_string(i)), &path.back(), new_key(type)));
    std::vector<CertificatePtr> good = {issue({}, &path.back()).certificate};
    for (size_t i = path.size(); i-- > 1;) good.push_back(path[i].certificate);
    RootStore roots;
    roots.add(path.front().certificate);
    EXPECT_TRUE(WebPkiVerifier(roots).verify({.chain = good, .now = test_now()}).ok());
  }
}

}  // namespace
}  // namespace bulla::test
