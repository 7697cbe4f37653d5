// A certificate that was handed out is in the records, whatever happens: the power goes, the process is
// killed, others write at the same time. BULLA_THOROUGH=1 (./test --full) does the same many more times.
#include "ca/database.h"
#include "ca/fixture.h"
#include "ca/power_cut.h"

#include <bulla/ca_status.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace bulla::ca {
namespace {

using test::Disk;
using test::DiskLie;

bool is_thorough() {
  return std::getenv("BULLA_THOROUGH") != nullptr;
}

std::string integrity_of(const std::string& records) {
  const Database database = Database::open(records).value();
  Statement check = database.prepare("PRAGMA integrity_check").value();
  if (!check.step().value()) return "no answer";
  return std::string(check.text());
}

// ---- the power is cut
// -----------------------------------------------------------------------------------------

/// What a process was told before the lights went out.
struct Told {
  std::vector<std::vector<uint8_t>> handed_out = {};
  std::vector<std::string> revoked = {};
  std::vector<uint64_t> crl_numbers = {};
  bool listed_revoked = true;  ///< the list that was signed names what was revoked before
};

uint64_t number_of(const RevocationList& list) {
  return std::stoull(list.number().value(), nullptr, 16);
}

struct PowerCut : CaTest {
  /// The local CA's certificate and key lie on the real disk; the records lie on `disk`.
  void SetUp() override { ASSERT_TRUE(pki::LocalCa::open({.folder = folder(), .name = "Local"})); }
  std::string records() const { return folder() + "/records.sqlite"; }

  Told work() const {
    Told told;
    auto ca = Authority::open(folder());
    if (!ca) return told;
    const auto issuer = ca->unlock();
    for (int i = 0; i < 2; ++i) {
      const auto issued = issuer->issue({.names = {"a.example", "b.example", "c.example"}});
      if (!issued) return told;
      told.handed_out.push_back(to_vector(issued->certificate().der()));
    }
    const std::string serial = Certificate::from_der(told.handed_out.front()).value()->serial();
    if (!ca->revoke(serial, RevocationReason::key_compromise)) return told;
    told.revoked.push_back(serial);
    const auto lists = ListSigner::unlock(*ca);
    if (const auto list = lists->make()) {
      told.crl_numbers.push_back(number_of(**list));
      told.listed_revoked = (*list)->find(serial).has_value();
    }
    return told;
  }

  /// What is missing of what was told, after the power came back; empty: nothing.
  std::string lost(const Told& told) const {
    auto ca = Authority::open(folder());
    if (!ca) return ca.error().message();
    if (const std::string said = integrity_of(records()); said != "ok") return said;
    for (const auto& der : told.handed_out) {
      const auto record = ca->by_serial(Certificate::from_der(der).value()->serial());
      if (!record) return "a certificate is not in the records";
      if (!equal_vartime(record->certificate->der(), der)) return "another certificate has its number";
    }
    for (const std::string& serial : told.revoked)
      if (!ca->by_serial(serial).value().revocation) return "a revocation is not in the records";
    for (const uint64_t number : told.crl_numbers)
      if (number_of(*ListSigner::unlock(*ca)->make().value()) <= number) return "a CRL number is given twice";
    if (!told.listed_revoked) return "a list does not name what was revoked";
    if (!ca->unlock().value().issue({.names = {"after.example"}})) return "nothing can be issued any more";
    return {};
  }

  struct Sweep {
    size_t cuts = 0, losses = 0;
    std::string first = {};
  };
  /// Cuts the power before each operation of work(), and behind the last one.
  Sweep sweep(DiskLie lie, const Disk& before, uint64_t seeds) const {
    Sweep out;
    for (size_t cut = 0; cut < 1000; ++cut) {
      bool went_dark = false;
      for (uint64_t seed = 0; seed < seeds; ++seed) {
        Disk disk(lie);
        disk.copy_from(before);
        disk.plug_in();
        disk.cut_power_at(cut);
        const Told told = work();
        went_dark = disk.is_dark();
        disk.lose_power(seed);
        const std::string what = lost(told);
        ++out.cuts;
        if (what.empty()) continue;
        ++out.losses;
        if (out.first.empty())
          out.first =
              what + " (cut before operation " + std::to_string(cut) + ", seed " + std::to_string(seed) + ')';
      }
      if (!went_dark) return out;
    }
    return out;
  }
  /// Disks on which records begin, and on which they have begun.
  void fill(Disk& empty, Disk& begun) const {
    empty.put_empty(records());
    begun.copy_from(empty);
    begun.plug_in();
    EXPECT_FALSE(work().crl_numbers.empty());
  }
};

TEST_F(PowerCut, LosesNothingThatWasHandedOut) {
  const uint64_t seeds = is_thorough() ? 30 : 4;
  Disk empty, begun;
  fill(empty, begun);
  const Sweep first = sweep(DiskLie::none, empty, seeds);
  EXPECT_EQ(first.losses, 0u) << "of " << first.cuts << ": " << first.first;
  EXPECT_GE(first.cuts, 60 * seeds) << "the power was hardly ever cut";
  const Sweep later = sweep(DiskLie::none, begun, seeds);
  EXPECT_EQ(later.losses, 0u) << "of " << later.cuts << ": " << later.first;
  EXPECT_GE(later.cuts, 40 * seeds);
}

/// The same must fail where the disk lies: else the test above would see nothing. The second lie is what
/// SQLite's default, synchronous=FULL, would leave open (docs/decisions/0004).
TEST_F(PowerCut, IsSeenWhereTheDiskLies) {
  Disk empty, begun;
  fill(empty, begun);
  EXPECT_GT(sweep(DiskLie::sync_does_nothing, begun, 4).losses, 0u);
  EXPECT_GT(sweep(DiskLie::removals_stay_undone, begun, 4).losses, 0u);
}

// ---- processes are killed
// ----------------------------------------------------------------------------------------

struct Killed : CaTest {
  static void wait_for(pid_t pid) {
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  }
  /// A process that does what `bulla ca` does, over and over, until it is killed. Files are written behind
  /// what they tell of.
  template <class Work>
  static pid_t start(Work&& work) {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    for (int i = 0;; ++i) work(i);
  }

  /// How long it takes in a process of its own, here and now: processes are to be killed in the middle of it.
  template <class Work>
  static unsigned microseconds(Work&& work) {
    const auto begin = std::chrono::steady_clock::now();
    const pid_t pid = ::fork();
    if (pid == 0) {
      work(0);
      ::_exit(0);
    }
    wait_for(pid);
    const auto lasted = std::chrono::steady_clock::now() - begin;
    return static_cast<unsigned>(std::chrono::duration_cast<std::chrono::microseconds>(lasted).count());
  }
  static void sleep_up_to(unsigned microseconds, std::mt19937& random) {
    ::usleep(std::uniform_int_distribution<unsigned>(0, microseconds)(random));
  }

  void issue_and_revoke(int number) const {
    const Authority opened = Authority::open(folder()).value();
    const Issuer issuer = opened.unlock().value();
    const std::string stem = path("out") + "/p" + std::to_string(::getpid()) + '-' + std::to_string(number);
    const auto issued = issuer.issue({.names = {"a.example"}}).value();
    write_file(stem + "-key.pem", issued.key.to_pem().reveal(), Privacy::owner_only).value();
    write_file(stem + ".pem", as_bytes(issued.chain_pem())).value();
    if (number % 3 == 1) {
      Authority ca = Authority::open(folder()).value();
      const std::string serial = issued.certificate().serial();
      ca.revoke(serial, RevocationReason::superseded).value();
      write_file(path("out") + "/revoked-" + serial, as_bytes("x")).value();
    }
    if (number % 3 == 2) {
      const auto renewed = issuer.renew(issued.certificate().serial()).value();
      write_file(stem + "n-key.pem", renewed.key.to_pem().reveal(), Privacy::owner_only).value();
      write_file(stem + "n.pem", as_bytes(renewed.chain_pem())).value();
    }
  }

  /// Every file tells the truth.
  void check_files() const {
    ASSERT_EQ(integrity_of(path("ca/records.sqlite")), "ok");
    const Authority ca = open();
    std::map<std::string, Record> by_serial;
    std::set<std::string> keys;
    const auto found = ca.records().value();
    for (const Record& record : found) {
      EXPECT_TRUE(by_serial.emplace(record.serial(), record).second);
      keys.insert(to_hex(record.certificate->spki()));
    }
    for (const auto& entry : std::filesystem::directory_iterator(path("out"))) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("revoked-") && name.size() == 40) {
        EXPECT_TRUE(by_serial.at(name.substr(8)).revocation) << name;
      } else if (name.ends_with("-key.pem")) {
        const auto key = pki::KeyPair::load(read_secret_file(entry.path()).value().reveal()).value();
        EXPECT_TRUE(keys.contains(to_hex(pki::encode_public_key(key.public_key())))) << name;
      } else if (name.ends_with(".pem")) {
        const auto chain = Certificate::from_pem_or_der(read_file(entry.path()).value()).value();
        ASSERT_TRUE(by_serial.contains(chain.front()->serial())) << name;
        EXPECT_TRUE(
            equal_vartime(by_serial.at(chain.front()->serial()).certificate->der(), chain.front()->der()));
        const std::string stem = entry.path().string();
        EXPECT_TRUE(Identity::from_pem_files(stem, stem.substr(0, stem.size() - 4) + "-key.pem")) << name;
      }
    }
  }
};

TEST_F(Killed, EveryFileThatExistsIsInTheRecords) {
  make();
  must("mkdir out");
  const auto work = [&](int i) { issue_and_revoke(i); };
  const unsigned lasts = microseconds(work);
  std::mt19937 random(20);  // the processes' own pace is what differs from run to run
  for (int round = 0; round < (is_thorough() ? 150 : 10); ++round) {
    pid_t children[3];
    for (pid_t& child : children) child = start(work);
    for (const pid_t child : children) {
      sleep_up_to(lasts, random);
      ASSERT_EQ(::kill(child, SIGKILL), 0);
    }
    for (const pid_t child : children) wait_for(child);
    if (round % 5 == 4) check_files();
  }
  check_files();
  EXPECT_GT(open().records().value().size(), 8u) << "nothing was issued before the processes were killed";
}

TEST_F(Killed, ACaIsThereWholeOrNotAtAll) {
  const unsigned lasts = microseconds([&](int) { make(); });
  std::mt19937 random(21);
  int whole = 0, rounds = is_thorough() ? 100 : 15;
  for (int round = 0; round < rounds; ++round) {
    const std::string where = path("new" + std::to_string(round));
    const pid_t child = start([&](int i) {
      if (i == 0) Authority::create(where, {.name = "Test"}).value();
      ::usleep(1000);
    });
    // On a machine that has become slow all of them may have been too early.
    if (!whole && round + 1 == rounds)
      for (int waited = 0; waited < 60'000 && !std::filesystem::exists(where); ++waited) ::usleep(1000);
    else
      sleep_up_to(2 * lasts, random);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    wait_for(child);
    if (!std::filesystem::exists(where)) continue;
    ++whole;
    const auto ca = Authority::open(where);
    ASSERT_TRUE(ca) << ca.error().message();
    EXPECT_EQ(integrity_of(where + "/records.sqlite"), "ok");
    EXPECT_TRUE(ca->unlock().value().issue({.names = {"a.example"}}));
    const auto root = pki::CertificateAuthority::from_bytes(read_file(where + "/root.pem").value(),
                                                            read_file(where + "/root-key.pem").value());
    EXPECT_TRUE(root);
  }
  EXPECT_GT(whole, 0);
}

// ---- several at once
// ----------------------------------------------------------------------------------------------

struct AtOnce : Killed {};

TEST_F(AtOnce, ProcessesShareTheRecords) {
  make();
  constexpr int processes = 4;
  const int each = is_thorough() ? 50 : 12;
  std::vector<pid_t> children;
  for (int p = 0; p < processes; ++p) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      Authority ca = Authority::open(folder()).value();
      const Issuer issuer = ca.unlock().value();
      int failed = 0;
      for (int i = 0; i < each; ++i) {
        const auto issued = issuer.issue({.names = {"a.example"}});
        failed += issued && ca.revoke(issued->certificate().serial(), RevocationReason::superseded) &&
                          ca.next_crl_number() && ca.records()
                      ? 0
                      : 1;
      }
      ::_exit(failed);
    }
    children.push_back(pid);
  }
  for (const pid_t pid : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
  Authority ca = open();
  EXPECT_EQ(ca.records({.revoked = true}).value().size(), static_cast<size_t>(processes * each));
  EXPECT_EQ(ca.next_crl_number().value(), static_cast<uint64_t>(processes * each) + 1);
  EXPECT_EQ(integrity_of(path("ca/records.sqlite")), "ok");
}

TEST_F(AtOnce, WhoHoldsTheRecordsForTooLongIsToldOf) {
  make();
  const Database one = Database::open(path("ca/records.sqlite")).value();
  const Database two = Database::open(path("ca/records.sqlite"), Milliseconds(20)).value();
  Transaction held = Transaction::begin(one).value();
  const auto refused = Transaction::begin(two);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::ca_records_busy);
  EXPECT_NE(refused.error().detail.find("records.sqlite"), std::string::npos);
  ASSERT_TRUE(held.commit());
  EXPECT_TRUE(Transaction::begin(two));
}

TEST_F(AtOnce, WhatIsNotCommittedNeverWas) {
  make();
  const Database one = Database::open(path("ca/records.sqlite")).value();
  {
    const Transaction change = Transaction::begin(one).value();
    ASSERT_TRUE(one.run("DELETE FROM name"));
    ASSERT_TRUE(one.run("DELETE FROM certificate"));
  }
  EXPECT_EQ(open().records().value().size(), 2u);
}

/// A disk that is full while a certificate is recorded: it is not handed out, and everything before is there.
TEST_F(AtOnce, AFullDiskHandsNothingOut) {
  make();
  Authority ca = open();
  const Issuer issuer = ca.unlock().value();
  const size_t recorded = ca.records().value().size();
  struct rlimit old = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const auto previous = ::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small = {.rlim_cur = 8192, .rlim_max = old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto issued = issuer.issue({.names = {"a.example"}});
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  ::signal(SIGXFSZ, previous);
  ASSERT_FALSE(issued);
  EXPECT_EQ(issued.error().code, ErrorCode::file_not_writable) << issued.error().message();
  EXPECT_EQ(ca.records().value().size(), recorded);
  EXPECT_EQ(integrity_of(path("ca/records.sqlite")), "ok");
  EXPECT_TRUE(issuer.issue({.names = {"a.example"}}));
}

}  // namespace
}  // namespace bulla::ca
