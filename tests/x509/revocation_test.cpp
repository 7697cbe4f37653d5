// Paths held against revocation lists: RFC 5280 §6.3.3.
#include "crafted_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace asn1;
using testing::HasSubstr;

constexpr auto required = RevocationPolicy::required;
constexpr auto if_known = RevocationPolicy::if_known;

/// Root, CA, leaf with the serial number 5, and the CA's own serial number 3.
struct World {
  Entity root, ca, leaf;
  RevocationLists lists;
  std::vector<CertificatePtr> sent;
  WebPkiVerifier::Options options;

  explicit World(Draft leaf_draft = {}, Draft ca_ = ca_draft("CA")) {
    leaf_draft.serial = {0x05};
    ca_.serial = {0x03};
    root = issue(ca_draft("Root"));
    ca = issue(ca_, &root);
    leaf = issue(leaf_draft, &ca);
    sent = {leaf.certificate, ca.certificate};
    EXPECT_TRUE(leaf.certificate && ca.certificate);
  }
  /// The CA and the root say that nothing is revoked.
  World& with_good_root_list() {
    lists.add(make_list({}, root));
    return *this;
  }
  World& with(const ListDraft& draft, const Entity* signer = nullptr) {
    lists.add(make_list(draft, ca, signer));
    return *this;
  }
  Result<ChainVerified> verify(RevocationPolicy policy) const {
    RootStore roots;
    roots.add(root.certificate);
    WebPkiVerifier::Options with = options;
    with.revocation = policy;
    with.lists = lists;
    return WebPkiVerifier(std::move(roots), with).verify({.chain = sent, .now = test_now()});
  }
  /// The code of a refusal whose explanation has these words; "accepted" otherwise.
  void expect(RevocationPolicy policy, ErrorCode code, std::string_view words) const {
    const auto result = verify(policy);
    ASSERT_FALSE(result.ok()) << "accepted; wanted: " << words;
    EXPECT_EQ(result.error().code, code) << result.error().explain();
    EXPECT_THAT(result.error().explain(), HasSubstr(std::string(words)));
  }
  void expect_unknown(std::string_view words) const {
    expect(required, ErrorCode::certificate_status_unknown, words);
    expect_passes(if_known);
  }
  void expect_revoked(std::string_view words = {}) const {
    expect(required, ErrorCode::certificate_revoked, words);
    expect(if_known, ErrorCode::certificate_revoked, words);
    expect_passes(RevocationPolicy::ignore);
  }
  void expect_passes(RevocationPolicy policy) const {
    const auto result = verify(policy);
    EXPECT_TRUE(result.ok()) << result.error().explain();
  }
};

ListDraft listing(std::optional<uint8_t> reason = {}) {
  return {.entries = {entry({0x05}, reason)}};
}

TEST(RevocationTest, AGoodStatusOfAllButTheAnchor) {
  World w;
  w.with_good_root_list().with({});
  w.expect_passes(required);
  w.expect_passes(RevocationPolicy::leaf_required);
  w.expect_passes(if_known);
}

TEST(RevocationTest, WithoutListsThePolicyDecides) {
  const World w;
  w.expect_passes(RevocationPolicy::ignore);
  w.expect_passes(if_known);
  w.expect(RevocationPolicy::leaf_required, ErrorCode::certificate_status_unknown,
           "certificate 1 of 3 (CN=Leaf)");
  w.expect(required, ErrorCode::certificate_status_unknown, "certificate 2 of 3 (CN=CA)");
}

TEST(RevocationTest, WhereTheListIsPublishedIsSaid) {
  const auto remedy = [](std::string_view uri) {
    const World w(
        Draft{.more_extensions = distribution_point([=](DerWriter& w) { write_uri_point(w, uri); })});
    return w.verify(RevocationPolicy::leaf_required).error().remedy;
  };
  EXPECT_THAT(remedy("http://ca.example/1.crl"), HasSubstr("`curl -sO http://ca.example/1.crl`"));
  EXPECT_EQ(remedy("http://ca.example/$(reboot)"), "");
  EXPECT_EQ(remedy("ldap://ca.example/1"), "");
}

TEST(RevocationTest, TheLeafAloneMayBeRequired) {
  World w;
  w.with({});
  w.expect_passes(RevocationPolicy::leaf_required);
  w.expect_unknown("there is no revocation list of its issuer");
}

TEST(RevocationTest, ARevokedLeafIsRefusedWithTheEvidence) {
  World w;
  w.with_good_root_list().with(listing(1));
  w.expect_revoked(
      "certificate 1 of 3 (CN=Leaf), issued by CN=CA; path: CN=Leaf <- CN=CA <- CN=Root; revoked on "
      "2025-12-30 00:00:00 UTC (keyCompromise) by the revocation list number 01 of CN=CA, of 2025-12-31 "
      "23:00:00 UTC, good until 2026-01-02 00:00:00 UTC");
  EXPECT_EQ(w.verify(if_known).error().row().alert, AlertDescription::certificate_revoked);
}

TEST(RevocationTest, ARevokedCaIsRefusedBeforeWhatItSays) {
  World w;
  w.lists.add(make_list({.entries = {entry({0x03}, 2)}}, w.root));
  w.with(listing());
  w.expect_revoked("certificate 2 of 3 (CN=CA)");
  EXPECT_THAT(w.verify(if_known).error().remedy, HasSubstr("another one"));
}

TEST(RevocationTest, EveryReasonRevokes) {
  for (const int reason : {0, 1, 2, 3, 4, 5, 6, 8, 9, 10}) {
    World w;
    w.with_good_root_list().with(listing(static_cast<uint8_t>(reason)));
    w.expect_revoked();
  }
}

// RFC 5280 §6.3.3 (g): a signature by a key of the issuer.
TEST(RevocationTest, Rfc5280_6_3_3_g_OthersDoNotSignForTheCa) {
  for (const ListDraft& draft : {ListDraft{}, listing()}) {
    World w;
    const Entity stranger = issue(ca_draft("CA"));
    w.with_good_root_list().with(draft, &stranger);
    w.expect_unknown("is not signed by a key of the issuer");
  }
}

TEST(RevocationTest, AnAlteredListSaysNothing) {
  World w;
  w.with_good_root_list();
  auto der = list_der(listing(), w.ca);
  der[der.size() - 5] ^= 1;
  w.lists.add(RevocationList::from_der(der).value());
  w.expect_unknown("is not signed by a key of the issuer");
}

// A forged list beside a good one does no harm, in whichever order they come.
TEST(RevocationTest, AForgedListHidesNoGoodOne) {
  const Entity stranger = issue(ca_draft("CA"));
  World w;
  w.with_good_root_list().with({.number = 9}, &stranger).with(listing()).with({.number = 10}, &stranger);
  w.expect_revoked();
  World good;
  good.with_good_root_list().with(listing(), &stranger).with({});
  good.expect_passes(required);
}

// RFC 5280 §6.3.3 (f): keyUsage of who signs lists has cRLSign.
TEST(RevocationTest, Rfc5280_6_3_3_f_CrlSignIsNeeded) {
  Draft ca = ca_draft("CA");
  ca.key_usage = 1u << 5;
  for (const ListDraft& draft : {ListDraft{}, listing()}) {
    World w({}, ca);
    w.with_good_root_list().with(draft);
    w.expect_unknown("cRLSign");
  }
  ca.key_usage = {};
  World w({}, ca);
  w.with_good_root_list().with({});
  w.expect_passes(required);
}

// RFC 5280 §6.3.3 (a): after nextUpdate the list is old; what it revoked stays revoked, but for a hold.
TEST(RevocationTest, Rfc5280_6_3_3_a_OldListsProveNothingGood) {
  const auto old = [](ListDraft draft) {
    draft.this_update = test_now() - std::chrono::hours(48);
    draft.next_update = test_now() - std::chrono::seconds(1);
    return draft;
  };
  World good;
  good.with_good_root_list().with(old({}));
  good.expect_unknown("it is too old; now it is 2026-01-01 00:00:00 UTC");
  World revoked;
  revoked.with_good_root_list().with(old(listing(4)));
  revoked.expect_revoked("superseded");
  World held;
  held.with_good_root_list().with(old(listing(6)));
  held.expect_unknown("too old");
  World to_the_second;
  to_the_second.with_good_root_list().with({.next_update = test_now()});
  to_the_second.expect_passes(required);
}

TEST(RevocationTest, ListsOfTheFutureSayNothing) {
  for (ListDraft draft : {ListDraft{}, listing()}) {
    draft.this_update = test_now() + std::chrono::minutes(6);
    World w;
    w.with_good_root_list().with(draft);
    w.expect_unknown("lies in the future");
  }
  World skewed;  // clocks differ
  skewed.with_good_root_list().with({.this_update = test_now() + std::chrono::minutes(4)});
  skewed.expect_passes(required);
}

TEST(RevocationTest, WithoutNextUpdateAListIsGoodForAWeek) {
  for (const int days : {6, 8}) {
    World w;
    w.with_good_root_list().with(
        {.this_update = test_now() - std::chrono::hours(24 * days), .next_update = {}});
    EXPECT_EQ(w.verify(required).ok(), days == 6) << days;
  }
}

TEST(RevocationTest, AnAgeMayBeAskedFor) {
  World w;
  w.with_good_root_list().with({});
  // To the second, and without an end.
  for (const Seconds enough : {Seconds(3600), Seconds::max()}) {
    w.options.max_status_age = enough;
    w.expect_passes(required);
  }
  w.options.max_status_age = Seconds(3599);
  w.expect_unknown("too old");
  // Nor does it make a list outlive its own nextUpdate.
  World old;
  old.with_good_root_list().with({.next_update = test_now() - std::chrono::minutes(1)});
  old.options.max_status_age = std::chrono::hours(1000);
  old.expect_unknown("too old");
}

// RFC 5280 §5.2.4, §5.2.5, §5.2, §5.3: what is not processed keeps a list from being used.
TEST(RevocationTest, Rfc5280_5_2_ListsThatAreNotProcessedSayNothing) {
  const auto extension = [](const Oid& oid, Writer value) {
    return [=](DerWriter& w) { write_extension(w, oid, Critical::yes, value); };
  };
  const uint8_t yes = 0xff;
  const Writer integer = [](DerWriter& w) { w.integer(1); };
  struct Case {
    Writer extensions;
    const char* words;
  };
  const Case cases[] = {
      {extension(oids::delta_crl_indicator, integer), "it is a delta list, and only complete lists are used"},
      {issuing_point([&](DerWriter& w) { w.value(tag::context(4), {&yes, 1}); }), "it is an indirect list"},
      {issuing_point([&](DerWriter& w) { w.value(tag::context(5), {&yes, 1}); }), "attribute certificates"},
      {extension(oid("1.2.3.4"), integer), "its critical extension 1.2.3.4 is not processed"},
  };
  for (const Case& one : cases)
    for (ListDraft draft : {ListDraft{}, listing()}) {
      draft.more_extensions = one.extensions;
      World w;
      w.with_good_root_list().with(draft);
      w.expect_unknown(one.words);
    }
  World entry_extension;
  ListDraft draft = listing();
  draft.entries[0].extensions = extension(oid("1.2.3.4"), integer);
  entry_extension.with_good_root_list().with(draft);
  entry_extension.expect_unknown("an entry has the critical extension 1.2.3.4");
}

// RFC 5280 §6.3.3 (b) (2) (ii), (iii): the scope of the list.
TEST(RevocationTest, Rfc5280_6_3_3_b_ListsOfUsersAndCas) {
  const uint8_t yes = 0xff;
  const auto only = [&](unsigned n) {
    return issuing_point([=, &yes](DerWriter& w) { w.value(tag::context(n), {&yes, 1}); });
  };
  ListDraft users{.more_extensions = only(1)}, cas{.more_extensions = only(2)};
  World both;
  both.lists.add(make_list(cas, both.root));
  both.with(users);
  both.expect_passes(required);
  World leaf_among_cas;
  leaf_among_cas.with_good_root_list().with(cas);
  leaf_among_cas.expect_unknown("it does not speak of this certificate");
  World ca_among_users;
  ca_among_users.lists.add(make_list(users, ca_among_users.root));
  ca_among_users.with({});
  ca_among_users.expect_unknown("it does not speak of this certificate");
  // What such a list names is not what it speaks of.
  ListDraft names_the_leaf = listing();
  names_the_leaf.more_extensions = only(2);
  World other;
  other.with_good_root_list().with(names_the_leaf);
  other.expect_unknown("it does not speak of this certificate");
}

Draft at_point(Writer fields) {
  return {.more_extensions = distribution_point(std::move(fields))};
}

// RFC 5280 §6.3.3 (b) (2) (i): a name of the list's point is a name of the certificate's.
TEST(RevocationTest, Rfc5280_6_3_3_b_DistributionPointNames) {
  const Writer here = [](DerWriter& w) { write_uri_point(w, "http://ca.example/1.crl"); };
  const Writer there = [](DerWriter& w) { write_uri_point(w, "http://ca.example/2.crl"); };
  for (const ListDraft& base : {ListDraft{}, listing()}) {
    ListDraft draft = base;
    draft.more_extensions = issuing_point(here);
    const bool good = base.entries.empty();
    World same(at_point(here));
    same.with_good_root_list().with(draft);
    if (good)
      same.expect_passes(required);
    else
      same.expect_revoked();
    World other(at_point(there));
    other.with_good_root_list().with(draft);
    other.expect_unknown("it does not speak of this certificate");
    World none;
    none.with_good_root_list().with(draft);
    none.expect_unknown("it does not speak of this certificate");
    // A list without a point is whole, whatever the certificate says.
    World whole(at_point(there));
    whole.with_good_root_list().with(base);
    EXPECT_EQ(whole.verify(required).ok(), good);
  }
}

// §4.2.1.13: a name relative to the issuer's is completed by it.
TEST(RevocationTest, Rfc5280_6_3_3_b_RelativeAndWholeNamesAreTheSame) {
  const auto common_name = [](DerWriter& w, std::string_view text) {
    w.sequence([&](DerWriter& w) { w.oid(oids::common_name), w.utf8_string(text); });
  };
  const auto relative = [&](std::string_view text) -> Writer {
    return [=](DerWriter& w) {
      w.explicit_tag(0, [&](DerWriter& w) {
        w.constructed(tag::context_constructed(1), [&](DerWriter& w) { common_name(w, text); });
      });
    };
  };
  const Writer whole = [&](DerWriter& w) {
    w.explicit_tag(0, [&](DerWriter& w) {
      w.constructed(tag::context_constructed(0), [&](DerWriter& w) {
        w.explicit_tag(4, [&](DerWriter& w) {
          w.sequence([&](DerWriter& w) {
            for (const char* text : {"CA", "List 1"}) w.set([&](DerWriter& w) { common_name(w, text); });
          });
        });
      });
    });
  };
  for (const auto& [name, good] : {std::pair{"List 1", true}, std::pair{"List 2", false}}) {
    World w(at_point(relative(name)));
    w.with_good_root_list().with({.more_extensions = issuing_point(whole)});
    EXPECT_EQ(w.verify(required).ok(), good) << name;
    World reversed(at_point(whole));
    reversed.with_good_root_list().with({.more_extensions = issuing_point(relative(name))});
    EXPECT_EQ(reversed.verify(required).ok(), good) << name;
  }
}

// RFC 5280 §6.3.3 (d), (e), (l): lists for some reasons are good together.
TEST(RevocationTest, Rfc5280_6_3_3_d_ReasonsAddUp) {
  const auto some = [](uint32_t bits) {
    return issuing_point([=](DerWriter& w) {
      const auto der = to_der([&](DerWriter& w) { w.named_bits(bits); });
      w.value(tag::context(3), Bytes(der).subspan(2));
    });
  };
  const ListDraft compromise{.number = 1, .more_extensions = some(1u << 1 | 1u << 2)},
      rest{.number = 2, .more_extensions = some(0x1f8)};
  World half;
  half.with_good_root_list().with(compromise);
  half.expect_unknown("do not speak of all reasons");
  World both;
  both.with_good_root_list().with(compromise).with(rest);
  both.expect_passes(required);
  ListDraft naming = rest;
  naming.entries = {entry({0x05}, 3)};
  World revoked;
  revoked.with_good_root_list().with(compromise).with(naming);
  revoked.expect_revoked("affiliationChanged");
}

// RFC 5280 §6.3.3 (b) (1): with a cRLIssuer the list is an indirect one. A list of the CA itself counts.
TEST(RevocationTest, Rfc5280_6_3_3_b_AnotherIssuerOfListsIsNotAsked) {
  const Writer elsewhere = [](DerWriter& w) {
    write_uri_point(w, "http://ca.example/1.crl");
    w.constructed(tag::context_constructed(2),
                  [](DerWriter& w) { w.value(tag::context(2), as_bytes("lists.example")); });
  };
  World w(at_point(elsewhere));
  w.with_good_root_list().with({.more_extensions = issuing_point(
                                    [](DerWriter& w) { write_uri_point(w, "http://ca.example/1.crl"); })});
  w.expect_unknown("it does not speak of this certificate");
}

// RFC 5280 §6.3.3 (f): the CA has another key for its lists, certified by the same anchor.
TEST(RevocationTest, Rfc5280_6_3_3_f_AKeyForListsOnly) {
  const auto with_signer = [](const Draft& draft, const char* issuer, RevocationPolicy policy,
                              ListDraft list = {}, bool signer_is_revoked = false) {
    World w;
    const Entity stranger = issue(ca_draft("Root"));
    const Entity* above = issuer == std::string_view("root") ? &w.root
                          : issuer == std::string_view("ca") ? &w.ca
                                                             : &stranger;
    const Entity signer = issue(draft, above);
    EXPECT_TRUE(signer.certificate);
    w.sent.push_back(signer.certificate);
    w.lists.add(make_list(
        {.entries = signer_is_revoked ? std::vector<EntryDraft>{entry({0x44})} : std::vector<EntryDraft>{}},
        w.root));
    w.with(list, &signer);
    return w.verify(policy);
  };
  Draft signer = ca_draft("CA");
  signer.serial = {0x44};
  signer.ca = {};
  signer.key_usage = 1u << 6;
  for (const char* issuer : {"root", "ca"}) {
    EXPECT_TRUE(with_signer(signer, issuer, required).ok()) << issuer;
    const auto revoked = with_signer(signer, issuer, if_known, listing());
    ASSERT_FALSE(revoked.ok());
    EXPECT_EQ(revoked.error().code, ErrorCode::certificate_revoked);
  }
  EXPECT_FALSE(with_signer(signer, "stranger", required).ok());
  EXPECT_FALSE(with_signer(signer, "root", required, {}, true).ok()) << "the signer is revoked";
  Draft wrong = signer;
  wrong.key_usage = 1u << 0;
  EXPECT_FALSE(with_signer(wrong, "root", required).ok()) << "keyUsage lacks cRLSign";
  wrong.key_usage = {};
  EXPECT_FALSE(with_signer(wrong, "root", required).ok()) << "nothing says that it signs lists";
  wrong = signer;
  wrong.not_after = test_now() - std::chrono::hours(1);
  EXPECT_FALSE(with_signer(wrong, "root", required).ok()) << "expired";
  wrong = signer;
  wrong.subject = "Somebody else";
  EXPECT_FALSE(with_signer(wrong, "root", required).ok()) << "another name";
  wrong = signer;
  wrong.more_extensions = [](DerWriter& w) {
    write_extension(w, oid("1.2.3.4"), Critical::yes, [](DerWriter& w) { w.null(); });
  };
  EXPECT_FALSE(with_signer(wrong, "root", required).ok()) << "unknown critical extension";
}

// A revoked CA is avoided where another path leads to a root.
TEST(RevocationTest, TheSearchGoesOnAfterARevokedCa) {
  World w;
  const Entity other_root = issue(ca_draft("Other root"));
  Draft cross = ca_draft("CA");
  cross.serial = {0x33};
  const Entity crossed = issue(cross, &other_root, w.ca.key);
  w.sent.push_back(crossed.certificate);
  w.lists.add(make_list({.entries = {entry({0x03})}}, w.root));
  RootStore roots;
  roots.add(w.root.certificate);
  EXPECT_FALSE(WebPkiVerifier(roots, {.lists = w.lists}).verify({.chain = w.sent, .now = test_now()}).ok());
  roots.add(other_root.certificate);
  const auto path = WebPkiVerifier(roots, {.lists = w.lists}).verify({.chain = w.sent, .now = test_now()});
  ASSERT_TRUE(path.ok()) << path.error().explain();
  EXPECT_EQ(path->path()[1]->serial(), "33");
}

TEST(RevocationTest, ATrustedLeafIsNotLookedUp) {
  World w;
  w.with(listing());
  RootStore roots;
  roots.add(w.leaf.certificate);
  EXPECT_TRUE(WebPkiVerifier(roots, {.revocation = required, .lists = w.lists})
                  .verify({.chain = w.sent, .now = test_now()})
                  .ok());
}

// The signatures of lists are part of what a search may cost.
TEST(RevocationTest, SignaturesOfListsAreCounted) {
  World w;
  const Entity stranger = issue(ca_draft("CA"));
  w.with_good_root_list();
  for (uint64_t number = 1; number <= 20; ++number) {
    ListDraft draft = listing();
    draft.number = number;
    w.with(draft, &stranger);
  }
  w.options.max_signatures = 10;
  w.expect(if_known, ErrorCode::certificate_budget_exhausted, "revocation lists");
  w.options.max_signatures = 100;
  w.expect_passes(if_known);
}

// By default a list that does not name the certificate costs no signature.
TEST(RevocationTest, WhatDoesNotNameTheCertificateIsNotChecked) {
  World w;
  for (uint64_t number = 1; number <= 20; ++number) w.with({.number = number});
  w.options.max_signatures = 2;
  w.expect_passes(if_known);
}

}  // namespace
}  // namespace bulla::test
