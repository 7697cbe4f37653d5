// Lists of revoked certificates: what stands on them and for how long, their numbers, their files; and what
// OpenSSL and GnuTLS make of them.
#include "ca/database.h"
#include "ca/fixture.h"

#include <bulla/ca_status.h>

#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <map>
#include <set>

namespace bulla::ca {
namespace {

using testing::HasSubstr;
using Reason = ca::RevocationReason;
using std::chrono::days;

struct ListsTest : CaTest {
  static uint64_t number_of(const RevocationList& list) { return std::stoull(*list.number(), nullptr, 16); }
  static std::vector<std::string> serials(const RevocationList& list) {
    std::vector<std::string> out;
    for (size_t i = 0; i < list.size(); ++i) out.push_back(list.entry(i).serial);
    return out;
  }
  static RevocationListPtr read_list(const std::string& path) {
    return RevocationList::from_pem_or_der(read_file(path).value()).value().front();
  }
  ListSigner lists(WhoseList whose = WhoseList::issuing) const {
    return ListSigner::unlock(open(), whose).value();
  }
  static std::string issue(const Authority& ca, unsigned for_days = 0, const pki::Surroundings& around = {}) {
    const auto issued = ca.unlock().value().issue({.names = {"a.example"}}, {.days = for_days}, around);
    return issued.value().certificate().serial();
  }
  ErrorCode refused(const ListOrder& order, const pki::Surroundings& around = {}) const {
    const auto made = lists().make(order, around);
    return made ? ErrorCode::internal : made.error().code;
  }
};

// RFC 5280 §5.1, §5.2.1, §5.2.3, §5.3.1.
TEST_F(ListsTest, AListHoldsWhatWasRevokedAndWhy) {
  Authority ca = make();
  const std::string good = issue(ca), lost = issue(ca), old = issue(ca);
  ca.revoke(lost, Reason::key_compromise).value();
  ca.revoke(old, Reason::unspecified).value();
  const auto before = std::chrono::floor<std::chrono::seconds>(now());
  const auto list = lists().make({.days = 3}).value();
  EXPECT_EQ(number_of(*list), 1u);
  EXPECT_EQ(list->size(), 2u);
  EXPECT_FALSE(list->find(good));
  EXPECT_EQ(list->find(lost).value().reason, bulla::RevocationReason::key_compromise);
  EXPECT_EQ(list->find(lost).value().revoked_at, ca.by_serial(lost).value().revocation.value().at);
  EXPECT_EQ(list->find(old).value().reason, std::nullopt) << "unspecified is said by silence";
  EXPECT_GE(list->this_update(), before);
  EXPECT_EQ(list->next_update().value(), list->this_update() + days(3));
  EXPECT_EQ(list->issuer(), ca.certificate().subject());
  EXPECT_EQ(list->why_not_used(), "");
  put("list.der", list->der());
  const std::string text = must("openssl crl -inform der -in list.der -noout -text");
  for (const char* piece :
       {"Version 2 (0x1)", "X509v3 Authority Key Identifier", "X509v3 CRL Number", "Key Compromise"})
    EXPECT_THAT(text, HasSubstr(piece));
}

TEST_F(ListsTest, NothingRevokedIsAListToo) {
  make();
  const auto list = lists().make().value();
  EXPECT_EQ(list->size(), 0u);
  put("list.der", list->der());
  EXPECT_THAT(must("openssl crl -inform der -in list.der -noout -text"),
              HasSubstr("No Revoked Certificates"));
}

TEST_F(ListsTest, OpensslAndGnuTlsGoByIt) {
  Authority ca = make();
  const auto issued = ca.unlock().value().issue({.names = {"a.example"}}).value();
  const auto other = ca.unlock().value().issue({.names = {"b.example"}}).value();
  ca.revoke(issued.certificate().serial(), Reason::superseded).value();
  lists().publish(path("ca.crl.pem"), ListForm::pem).value();
  lists(WhoseList::root).publish(path("root.crl.pem"), ListForm::pem).value();
  put("revoked.pem", issued.chain_pem());
  put("good.pem", other.chain_pem());
  const std::string with = "openssl verify -x509_strict -CAfile ca/root.pem -untrusted ca/intermediate.pem ";
  must("cat ca.crl.pem root.crl.pem > both.pem");
  must(with + "-crl_check -CRLfile ca.crl.pem good.pem");
  must(with + "-crl_check_all -CRLfile both.pem good.pem");
  EXPECT_THAT(run(with + "-crl_check -CRLfile ca.crl.pem revoked.pem").output,
              HasSubstr("certificate revoked"));
  must("openssl crl -in ca.crl.pem -CAfile ca/intermediate.pem -noout -verify");
  if (run("command -v certtool").status != 0) GTEST_SKIP() << "certtool is missing";
  EXPECT_THAT(must("certtool --verify-crl --load-ca-certificate ca/intermediate.pem --infile ca.crl.pem"),
              HasSubstr("Verified"));
  EXPECT_THAT(must("certtool --crl-info --infile ca.crl.pem"), HasSubstr("Revoked certificates (1)"));
}

TEST_F(ListsTest, TheRootsListSpeaksOfTheIntermediate) {
  Authority ca = make();
  issue(ca);
  ca.revoke(issue(ca), Reason::superseded).value();
  const std::string intermediate = ca.certificate().serial();
  const auto before = lists(WhoseList::root).make().value();
  EXPECT_EQ(before->size(), 0u) << "end entities are the intermediate's";
  ca.revoke(intermediate, Reason::ca_compromise).value();
  const auto after = lists(WhoseList::root).make({.days = 180}).value();
  EXPECT_EQ(serials(*after), std::vector{intermediate});
  EXPECT_EQ(after->find(intermediate).value().reason, bulla::RevocationReason::ca_compromise);
  EXPECT_EQ(after->issuer(), ca.root().subject());
  EXPECT_EQ(number_of(*after), 2u) << "each CA counts by itself";
  EXPECT_EQ(number_of(*lists().make().value()), 1u);
}

TEST_F(ListsTest, TheLocalCaHasOneList) {
  ASSERT_TRUE(pki::LocalCa::open({.folder = folder(), .name = "Local"}));
  Authority ca = open();
  const std::string serial = issue(ca);
  ca.revoke(serial, Reason::superseded).value();
  EXPECT_EQ(serials(*lists().make().value()), std::vector{serial});
  EXPECT_EQ(ListSigner::unlock(ca, WhoseList::root).error().code, ErrorCode::bad_argument);
}

TEST_F(ListsTest, TheKeyIsOpenedOrItIsSaidWhyNot) {
  make({.name = "Test", .passphrase = "secret"});
  const Authority ca = open();
  EXPECT_EQ(ListSigner::unlock(ca).error().code, ErrorCode::key_passphrase_needed);
  EXPECT_EQ(ListSigner::unlock(ca, WhoseList::root, "wrong").error().code, ErrorCode::key_passphrase_wrong);
  EXPECT_TRUE(ListSigner::unlock(ca, WhoseList::root, "secret"));
  must("mv ca/root-key.pem elsewhere.pem");
  const auto missing = ListSigner::unlock(ca, WhoseList::root, "secret");
  EXPECT_EQ(missing.error().code, ErrorCode::file_not_readable);
  EXPECT_TRUE(ListSigner::unlock(ca, WhoseList::issuing, "secret"));
}

TEST_F(ListsTest, WhatCannotBeAList) {
  make();
  EXPECT_EQ(refused({.days = 0}), ErrorCode::bad_argument);
  EXPECT_EQ(refused({.days = 3651}), ErrorCode::bad_argument);
  EXPECT_EQ(refused({}, {.now = now() + days(2000)}), ErrorCode::ca_cannot_sign)
      << "the intermediate has ended";
  EXPECT_EQ(refused({}, {.now = now() - days(2)}), ErrorCode::ca_cannot_sign) << "it had not begun";
  EXPECT_EQ(number_of(*lists().make().value()), 1u) << "nothing was numbered in vain";
}

// ---- for how long an entry stays --------------------------------------------------------------------------

// RFC 5280 §3.3: not removed before it stood on a list that was issued beyond the certificate's end.
TEST_F(ListsTest, AnEntryStaysUntilItStoodOnAListBehindItsEnd) {
  Authority ca = make();
  const Time start = now();
  const std::string brief = issue(ca, 1), longer = issue(ca, 80);
  ca.revoke(brief, Reason::superseded, {.now = start}).value();
  ca.revoke(longer, Reason::superseded, {.now = start}).value();
  const auto publish = [&](Time at) {
    return lists().publish(path("ca.crl"), ListForm::der, {}, {.now = at}).value()->size();
  };
  EXPECT_EQ(publish(start + std::chrono::hours(1)), 2u);
  EXPECT_EQ(lists().make({}, {.now = start + days(2)}).value()->size(), 2u);
  EXPECT_EQ(lists().make({}, {.now = start + days(3)}).value()->size(), 2u)
      << "what lay nowhere does not count";
  EXPECT_EQ(publish(start + days(4)), 2u) << "the first one behind its end";
  EXPECT_EQ(publish(start + days(5)), 1u);
  EXPECT_EQ(serials(*read_list(path("ca.crl"))), std::vector{longer});
}

TEST_F(ListsTest, AnExpiredOneThatIsRevokedLateIsOnOneListAtLeast) {
  Authority ca = make();
  const Time start = now();
  const std::string brief = issue(ca, 1);
  const auto publish = [&](Time at) {
    return lists().publish(path("ca.crl"), ListForm::der, {}, {.now = at}).value()->size();
  };
  EXPECT_EQ(publish(start + days(3)), 0u);
  ca.revoke(brief, Reason::key_compromise, {.now = start + days(3)}).value();
  EXPECT_EQ(publish(start + days(4)), 1u);
  EXPECT_EQ(publish(start + days(5)), 0u);
}

TEST_F(ListsTest, AFileThatCannotBeWrittenCountsForNothing) {
  Authority ca = make();
  const Time start = now();
  ca.revoke(issue(ca, 1), Reason::superseded, {.now = start}).value();
  const auto failed = lists().publish(path("nowhere/ca.crl"), ListForm::der, {}, {.now = start + days(3)});
  EXPECT_EQ(failed.error().code, ErrorCode::file_not_writable);
  const auto next = lists().publish(path("ca.crl"), ListForm::der, {}, {.now = start + days(4)}).value();
  EXPECT_EQ(next->size(), 1u);
  EXPECT_EQ(number_of(*next), 2u) << "its number is used up";
}

TEST_F(ListsTest, ARecordWithAnUnknownReasonIsNotGuessedAt) {
  if (!has_sqlite3()) GTEST_SKIP() << "sqlite3 is missing";
  Authority ca = make();
  ca.revoke(issue(ca), Reason::superseded).value();
  sql("UPDATE certificate SET reason = 8 WHERE reason IS NOT NULL");  // removeFromCRL
  EXPECT_EQ(refused({}), ErrorCode::ca_records_broken);
}

// ---- several at once --------------------------------------------------------------------------------------

struct ListsAtOnce : ListsTest {
  template <class Work>
  static pid_t start(Work&& work) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(work());
    return pid;
  }
  static int end_of(pid_t pid) {
    int status = 0;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    return status;
  }
  /// Revokes one and publishes for all, over and over; what was published is kept beside it under its number.
  int publish_often(int times) const {
    Authority ca = open();
    const ListSigner signer = lists();
    for (int i = 0; i < times; ++i) {
      if (!ca.revoke(issue(ca), Reason::superseded)) return 1;
      const auto list = signer.publish(path("out/ca.crl"));
      if (!list) return 2;
      const std::string own = path("out/list-") + std::to_string(::getpid()) + '-' + std::to_string(i);
      if (!write_file(own, (*list)->der())) return 3;
    }
    return 0;
  }
  /// Every list has a number of its own, and knows all that those with lower numbers know.
  void check(size_t at_least) const {
    std::map<uint64_t, std::set<std::string>> by_number;
    for (const auto& entry : std::filesystem::directory_iterator(path("out"))) {
      // A process that was killed leaves what it had not finished under another name, with an ending.
      if (entry.path().has_extension()) continue;
      const auto list = read_list(entry.path().string());
      const auto found = serials(*list);
      EXPECT_TRUE(by_number.emplace(number_of(*list), std::set(found.begin(), found.end())).second)
          << "number " << number_of(*list) << " twice";
    }
    ASSERT_GE(by_number.size(), at_least);
    const std::set<std::string>* before = nullptr;
    for (const auto& [number, entries] : by_number) {
      if (before) {
        EXPECT_TRUE(std::includes(entries.begin(), entries.end(), before->begin(), before->end())) << number;
      }
      before = &entries;
    }
    const auto last = read_list(path("out/ca.crl"));
    EXPECT_GE(number_of(*last), by_number.rbegin()->first) << "an older list replaced a newer one";
    EXPECT_GT(number_of(*lists().make().value()), number_of(*last));
  }
};

TEST_F(ListsAtOnce, NoNumberTwiceAndNoOlderListOverANewerOne) {
  make();
  must("mkdir out");
  std::vector<pid_t> children;
  for (int p = 0; p < 4; ++p) children.push_back(start([&] { return publish_often(8); }));
  for (const pid_t pid : children) EXPECT_EQ(end_of(pid), 0);
  check(32);
  EXPECT_EQ(read_list(path("out/ca.crl"))->size(), 32u);
  EXPECT_EQ(number_of(*read_list(path("out/ca.crl"))), 32u);
}

TEST_F(ListsAtOnce, KilledProcessesLeaveWholeListsWithNumbersOfTheirOwn) {
  make();
  must("mkdir out");
  const auto begin = std::chrono::steady_clock::now();
  publish_often(2);  // so that there is a file from the beginning
  const auto lasted = std::chrono::steady_clock::now() - begin;
  // Processes are to be killed in the middle of it, here and now, wherever that is.
  const auto pause = std::chrono::duration_cast<std::chrono::microseconds>(lasted) / 2;
  for (int round = 0; round < 6; ++round) {
    pid_t children[3];
    for (pid_t& child : children) child = start([&] { return publish_often(1000); });
    for (const pid_t child : children) {
      ::usleep(static_cast<useconds_t>(pause.count()));
      ASSERT_EQ(::kill(child, SIGKILL), 0);
    }
    for (const pid_t child : children) EXPECT_TRUE(WIFSIGNALED(end_of(child)));
  }
  check(3);
}

}  // namespace
}  // namespace bulla::ca
