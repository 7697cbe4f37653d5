// The distribution's store, of every distribution.
#include "trust/fixture.h"

namespace bulla::trust {
namespace {

struct Distribution {
  const char* folder;
  const char* extension;
  const char* program;
  std::vector<std::string> arguments;
  const char* bundle;
};
const Distribution distributions[] = {
    {"/usr/local/share/ca-certificates",
     ".crt",
     "update-ca-certificates",
     {},
     "/etc/ssl/certs/ca-certificates.crt"},
    {"/etc/pki/ca-trust/source/anchors",
     ".pem",
     "update-ca-trust",
     {"extract"},
     "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"},
    {"/etc/ca-certificates/trust-source/anchors",
     ".crt",
     "trust",
     {"extract-compat"},
     "/etc/ca-certificates/extracted/tls-ca-bundle.pem"},
    {"/etc/pki/trust/anchors",
     ".pem",
     "update-ca-certificates",
     {},
     "/var/lib/ca-certificates/ca-bundle.pem"},
};

class SystemStore : public TrustTest, public ::testing::WithParamInterface<size_t> {
 protected:
  void SetUp() override {
    TrustTest::SetUp();
    is_ = distributions[GetParam()];
    make_folder("sys" + std::string(is_.folder));
    make_folder("sys" + std::filesystem::path(is_.bundle).parent_path().string());
    distrusted_ = make_root("Somebody Else");
    put(bundle(), pem(distrusted_));
    has_program(is_.program);
    // Makes the bundle of what is in the folder, as the real ones do.
    programs_[is_.program] = [this](const Command& command) {
      EXPECT_EQ(command.arguments, is_.arguments);
      std::string all = pem(distrusted_);
      for (const auto& entry : std::filesystem::directory_iterator(path(folder()))) {
        const std::string name = entry.path().filename().string();
        EXPECT_TRUE(name.ends_with(is_.extension)) << name;
        all += get(folder() + '/' + name);
      }
      put(bundle(), all);
      return CommandResult{};
    };
  }
  std::string folder() const { return "sys" + std::string(is_.folder); }
  std::string bundle() const { return "sys" + std::string(is_.bundle); }
  std::string file() const { return folder() + '/' + entry_name(*root_.certificate) + is_.extension; }
  size_t files() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(path(folder())), {}));
  }

  Distribution is_;
  CertificatePtr distrusted_;
};

TEST_P(SystemStore, IsInstalledAndUninstalled) {
  EXPECT_EQ(standing(StoreKind::system), Standing::not_trusted);
  const auto steps = applied(Change::install, {StoreKind::system});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_FALSE(steps[0].obstacle) << steps[0].obstacle->message();
  EXPECT_EQ(steps[0].store.standing, Standing::trusted);
  EXPECT_EQ(get(file()), pem(root_.certificate)) << "the certificate and nothing else";
  EXPECT_EQ(files(), 1u);
  const auto gone = applied(Change::uninstall, {StoreKind::system});
  EXPECT_FALSE(gone[0].obstacle);
  EXPECT_EQ(gone[0].store.standing, Standing::not_trusted);
  EXPECT_EQ(files(), 0u);
  EXPECT_EQ(get(bundle()), pem(distrusted_)) << "as it was";
}

TEST_P(SystemStore, APlanChangesNothingAndSaysEverything) {
  const auto steps = planned(Change::install, {StoreKind::system});
  ASSERT_EQ(steps[0].actions.size(), 2u);
  EXPECT_EQ(steps[0].actions[0].kind, Action::Kind::write_file);
  EXPECT_EQ(steps[0].actions[0].path, path(file()));
  EXPECT_EQ(steps[0].actions[1].kind, Action::Kind::run);
  EXPECT_EQ(steps[0].actions[1].command.program, path("bin/") + is_.program);
  EXPECT_EQ(files(), 0u);
  EXPECT_TRUE(ran_.empty());
  EXPECT_FALSE(std::filesystem::exists(path("records")));
}

TEST_P(SystemStore, TwiceIsOnce) {
  applied(Change::install, {StoreKind::system});
  const size_t ran = ran_.size();
  EXPECT_TRUE(planned(Change::install, {StoreKind::system})[0].actions.empty());
  EXPECT_FALSE(applied(Change::install, {StoreKind::system})[0].obstacle);
  applied(Change::uninstall, {StoreKind::system});
  EXPECT_EQ(ran_.size(), ran + 1);
  EXPECT_TRUE(planned(Change::uninstall, {StoreKind::system})[0].actions.empty());
  EXPECT_FALSE(applied(Change::uninstall, {StoreKind::system})[0].obstacle);
}

TEST_P(SystemStore, WhatWasCutOffIsFinished) {
  put(file(), pem(root_.certificate));  // and the program did not run
  const auto steps = planned(Change::install, {StoreKind::system});
  EXPECT_NE(steps[0].store.note.find("has not taken it"), std::string::npos);
  ASSERT_EQ(steps[0].actions.size(), 1u);
  EXPECT_EQ(steps[0].actions[0].kind, Action::Kind::run);
  // And the other way round: a file without effect is taken out.
  const auto gone = applied(Change::uninstall, {StoreKind::system});
  EXPECT_FALSE(gone[0].obstacle);
  EXPECT_EQ(files(), 0u);
}

TEST_P(SystemStore, WhatOthersPutThereStays) {
  put(folder() + "/mine" + is_.extension, pem(root_.certificate));
  programs_[is_.program]({.arguments = is_.arguments});
  EXPECT_EQ(standing(StoreKind::system), Standing::trusted);
  const auto steps = applied(Change::uninstall, {StoreKind::system});
  EXPECT_EQ(obstacle(steps[0]), ErrorCode::trust_entry_not_ours);
  EXPECT_TRUE(ran_.empty());
  EXPECT_EQ(files(), 1u);
}

TEST_P(SystemStore, AFileOfOurNameWithAnotherCertificateIsNotOurs) {
  const CertificatePtr other = make_root("Test Root");
  put(file(), pem(other));
  programs_[is_.program]({.arguments = is_.arguments});
  EXPECT_EQ(standing(StoreKind::system), Standing::other_certificate);
  EXPECT_TRUE(planned(Change::uninstall, {StoreKind::system})[0].actions.empty());
  EXPECT_EQ(get(file()), pem(other));
}

TEST_P(SystemStore, ANamesakeIsToldFromTheRoot) {
  put(bundle(), pem(make_root("Test Root")));
  EXPECT_EQ(standing(StoreKind::system), Standing::other_certificate);
  EXPECT_EQ(applied(Change::install, {StoreKind::system})[0].store.standing, Standing::trusted);
}

TEST_P(SystemStore, AUserIsSentToRoot) {
  machine_.rights = Rights::user;
  const auto steps = applied(Change::install, {StoreKind::system});
  EXPECT_EQ(obstacle(steps[0]), ErrorCode::trust_store_needs_root);
  EXPECT_EQ(steps[0].actions.size(), 2u) << "what root would do is said all the same";
  EXPECT_TRUE(ran_.empty());
  EXPECT_EQ(files(), 0u);
  EXPECT_FALSE(std::filesystem::exists(path("records")));
}

TEST_P(SystemStore, AMissingProgramHasItsPackageNamed) {
  std::filesystem::remove(path("bin/") + is_.program);
  const auto steps = applied(Change::install, {StoreKind::system});
  EXPECT_EQ(obstacle(steps[0]), ErrorCode::trust_tool_missing);
  EXPECT_NE(steps[0].obstacle->remedy.find("package"), std::string::npos);
  EXPECT_EQ(files(), 0u);
}

TEST_P(SystemStore, AProgramThatFailsIsQuoted) {
  programs_[is_.program] = [](const Command&) {
    return CommandResult{.status = 3, .output = "", .errors = "no space\x1b[2J\n"};
  };
  const auto steps = applied(Change::install, {StoreKind::system});
  ASSERT_EQ(obstacle(steps[0]), ErrorCode::trust_store_failed);
  EXPECT_NE(steps[0].obstacle->detail.find("status 3: no space\\x1b"), std::string::npos)
      << steps[0].obstacle->detail;
  EXPECT_EQ(steps[0].store.standing, Standing::not_trusted);
}

TEST_P(SystemStore, AProgramThatSaysItDidAndDidNotIsFoundOut) {
  programs_[is_.program] = [](const Command&) { return CommandResult{}; };
  const auto steps = applied(Change::install, {StoreKind::system});
  ASSERT_EQ(obstacle(steps[0]), ErrorCode::trust_store_failed);
  EXPECT_NE(steps[0].obstacle->detail.find("still does not trust"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Every, SystemStore, ::testing::Range(size_t{0}, std::size(distributions)));

struct NoSystemStore : TrustTest {};

TEST_F(NoSystemStore, IsNoFailure) {
  const auto steps = applied(Change::install, {StoreKind::system});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].store.standing, Standing::no_store);
  EXPECT_FALSE(steps[0].obstacle);
}

// What people copy from instructions for Debian does not make Fedora one.
TEST_F(NoSystemStore, FedoraIsFedoraAlsoWithDebiansFolder) {
  make_folder("sys/usr/local/share/ca-certificates");
  make_folder("sys/etc/pki/ca-trust/source/anchors");
  const StoreKind kind = StoreKind::system;
  EXPECT_EQ(survey(machine_, root_, {&kind, 1}).front().used_by, "Fedora, RHEL");
}

}  // namespace
}  // namespace bulla::trust
