// The parts of the program that need no second process: exit status, progress bar, options, account.
#include "cli/account.h"
#include "cli/body_file.h"
#include "cli/cert_files.h"
#include "cli/exit_status.h"
#include "cli/http_text.h"
#include "cli/progress.h"
#include "cli/response_json.h"
#include "cli/setup.h"
#include "cli/terminal.h"
#include "cli/usage.h"
#include "os/shell_word.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <thread>

namespace bulla::cli {
namespace {

using testing::HasSubstr;

TEST(ExitStatus, FollowsTheFault) {
  EXPECT_EQ(status_of(Error{ErrorCode::connect_failed}), ExitStatus::failed);
  EXPECT_EQ(status_of(Error{ErrorCode::truncated}), ExitStatus::failed);
  EXPECT_EQ(status_of(Error{ErrorCode::finished_mismatch}), ExitStatus::failed);
  EXPECT_EQ(status_of(Error{ErrorCode::bad_endpoint}), ExitStatus::usage);
  EXPECT_EQ(status_of(Error{ErrorCode::certificate_expired}), ExitStatus::certificate);
  EXPECT_EQ(status_of(Error{ErrorCode::client_certificate_required}), ExitStatus::certificate);
}

TEST(ExitStatus, AnAlertAboutOurCertificateIsAboutACertificate) {
  for (const auto alert : {AlertDescription::unknown_ca, AlertDescription::certificate_required,
                           AlertDescription::certificate_expired, AlertDescription::bad_certificate})
    EXPECT_EQ(status_of(Error{ErrorCode::peer_sent_alert, "", "", alert}), ExitStatus::certificate);
  for (const auto alert : {AlertDescription::handshake_failure, AlertDescription::protocol_version})
    EXPECT_EQ(status_of(Error{ErrorCode::peer_sent_alert, "", "", alert}), ExitStatus::failed);
  EXPECT_EQ(status_of(Error{ErrorCode::peer_sent_alert}), ExitStatus::failed);
}

TEST(Progress, Lines) {
  using std::chrono::milliseconds;
  EXPECT_EQ(progress_line(0, 1000, milliseconds(0)),
            "  0% [------------------------------] 0 B of 1.0 kB, 0 B/s");
  EXPECT_EQ(progress_line(5'000'000, 10'000'000, milliseconds(2000)),
            " 50% [###############---------------] 5.0 MB of 10.0 MB, 2.5 MB/s");
  EXPECT_EQ(progress_line(1000, 1000, milliseconds(1000)),
            "100% [##############################] 1.0 kB of 1.0 kB, 1.0 kB/s");
  EXPECT_EQ(progress_line(1500, std::nullopt, milliseconds(1000)), "1.5 kB, 1.5 kB/s");
  // A server that sends more than it said, and one that said nothing will come.
  EXPECT_THAT(progress_line(2000, 1000, milliseconds(1000)), HasSubstr("100% ["));
  EXPECT_EQ(progress_line(0, 0, milliseconds(1)), "0 B, 0 B/s");
}

TEST(Progress, Sizes) {
  EXPECT_EQ(human_size(0), "0 B");
  EXPECT_EQ(human_size(999), "999 B");
  EXPECT_EQ(human_size(1000), "1.0 kB");
  EXPECT_EQ(human_size(999'999), "1.0 MB");
  EXPECT_EQ(human_size(1.8e19), "18000000.0 TB");
}

TEST(Setup, GroupsByTheNamesThatPeopleUse) {
  TlsFlags flags;
  flags.groups = {"P-256", "x25519", "SECP384R1", "prime256v1"};
  const auto common = common_options(flags).value();
  EXPECT_EQ(common.groups, (std::vector{NamedGroup::secp256r1, NamedGroup::x25519, NamedGroup::secp384r1,
                                        NamedGroup::secp256r1}));
  flags.groups = {"x448"};
  const auto unknown = common_options(flags);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::bad_argument);
  EXPECT_THAT(unknown.error().explain(), HasSubstr("x25519"));
}

TEST(Setup, Versions) {
  for (const auto& [text, low, high] : {std::tuple{"1.2", ProtocolVersion::tls12, ProtocolVersion::tls12},
                                        {"1.3", ProtocolVersion::tls13, ProtocolVersion::tls13},
                                        {"1.2-1.3", ProtocolVersion::tls12, ProtocolVersion::tls13}}) {
    TlsFlags flags;
    flags.versions = text;
    const auto common = common_options(flags).value();
    EXPECT_EQ(common.versions.lowest, low) << text;
    EXPECT_EQ(common.versions.highest, high) << text;
  }
}

TEST(Setup, AlpnLists) {
  EXPECT_EQ(alpn_list("h2,http/1.1"), (std::vector<std::string>{"h2", "http/1.1"}));
  EXPECT_EQ(alpn_list(",,h2,"), (std::vector<std::string>{"h2"}));
  EXPECT_TRUE(alpn_list("").empty());
}

TEST(Usage, TheNearestWord) {
  const std::vector<std::string> verbs = {"demo", "serve", "get", "connect", "listen", "cert"};
  EXPECT_EQ(nearest("gett", verbs), "get");
  EXPECT_EQ(nearest("sevre", verbs), "serve");
  EXPECT_EQ(nearest("conect", verbs), "connect");
  // Nothing is near, too little was typed, or too much.
  EXPECT_EQ(nearest("fly", verbs), "");
  EXPECT_EQ(nearest("-v", {"-h", "-o"}), "");
  EXPECT_EQ(nearest("", verbs), "");
  EXPECT_EQ(nearest(std::string(100'000, 'x'), verbs), "");
  EXPECT_EQ(nearest("get", {}), "");
}

TEST(HttpText, ARequestAsItIsSent) {
  http::ClientRequest request;
  request.url = http::Url::parse("https://example.com:8443/a?b").value();
  request.headers.add("Accept", "*/*");
  EXPECT_EQ(request_text(request), "GET /a?b HTTP/1.1\nHost: example.com:8443\nAccept: */*\n");
  request.headers.add("X-Bad", "two\r\nlines");
  EXPECT_EQ(request_text(request), "");
}

TEST(HttpText, WhatAPeerChoseIsMadeSafe) {
  EXPECT_EQ(marked("HTTP/1.1 200 \x1b[31m\n\nlast", "< "), "< HTTP/1.1 200 \\x1b[31m\n<\n< last\n");
  EXPECT_EQ(marked("", "< "), "");
}

TEST(Terminal, WordsForAShell) {
  EXPECT_EQ(shell_word("a/b-c.pem"), "a/b-c.pem");
  EXPECT_EQ(shell_word("my data/ca.pem"), "'my data/ca.pem'");
  EXPECT_EQ(shell_word("it's $HOME"), "'it'\\''s $HOME'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(Account, SaysWhoWasNotAuthenticated) {
  ConnectionInfo info;
  info.asserted_because = "--insecure was given";
  EXPECT_THAT(account_of(info, {"192.0.2.1", 443}), HasSubstr("nobody was authenticated"));
  EXPECT_THAT(account_json(info, {"192.0.2.1", 443}), HasSubstr("\"authenticated\":false"));
}

TEST(ResponseJson, BodiesThatAreNoTextAreBase64) {
  net::ClientResponse response;
  response.head.status = 200;
  EXPECT_THAT(response_json(response, "caf\xc3\xa9", 5), HasSubstr("\"body\":\"caf\xc3\xa9\""));
  EXPECT_THAT(response_json(response, "caf\xe9", 4), HasSubstr("\"body_base64\":\"Y2Fm6Q==\""));
  EXPECT_THAT(response_json(response, "\xef\xbf\xbd", 3), HasSubstr("\"body\":\"\xef\xbf\xbd\""));
  EXPECT_THAT(response_json(response, "\xef\xbf\xbd\xe9", 4), HasSubstr("\"body_base64\""));
  EXPECT_THAT(response_json(response, std::nullopt, 9), testing::Not(HasSubstr("\"body\"")));
}

struct BodyFileTest : testing::Test {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("bulla-body-" + std::to_string(::getpid()));
  const std::string path = (folder / "page").string();
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }
};

TEST_F(BodyFileTest, AppearsWholeOrNotAtAll) {
  {
    auto file = BodyFile::open(path).value();
    ASSERT_TRUE(file.write(as_bytes("half")));
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  {
    auto file = BodyFile::open(path).value();
    ASSERT_TRUE(file.write(as_bytes("whole")));
    ASSERT_TRUE(file.finish());
    EXPECT_EQ(file.written(), 5u);
  }
  EXPECT_EQ(as_text(read_file(path).value()), "whole");
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST_F(BodyFileTest, SomebodysPartIsLeftAlone) {
  ASSERT_TRUE(write_file(path + ".part", as_bytes("somebody's")));
  {
    auto file = BodyFile::open(path).value();
    ASSERT_TRUE(file.write(as_bytes("whole")));
    EXPECT_TRUE(std::filesystem::exists(path + ".part2"));
    ASSERT_TRUE(file.finish());
  }
  EXPECT_EQ(as_text(read_file(path).value()), "whole");
  EXPECT_EQ(as_text(read_file(path + ".part").value()), "somebody's");
  EXPECT_FALSE(std::filesystem::exists(path + ".part2"));
}

TEST_F(BodyFileTest, AFolderIsNoFile) {
  for (const std::string& name : {folder.string(), path + "/"}) {
    const auto file = BodyFile::open(name);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::file_not_writable);
    EXPECT_THAT(file.error().detail, HasSubstr("is a folder"));
  }
}

TEST_F(BodyFileTest, ADeviceIsWrittenAndKept) {
  {
    auto file = BodyFile::open("/dev/null").value();
    ASSERT_TRUE(file.write(as_bytes("gone")));
    ASSERT_TRUE(file.finish());
  }
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(BodyFileTest, AFolderThatIsNotThere) {
  const auto file = BodyFile::open((folder / "none" / "page").string());
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::file_not_writable);
}

TEST(CertFiles, KeyAndCertificateThatManyWriteAtOnceBelongTogether) {
  const std::string folder = testing::TempDir() + "/bulla-pairs-" + std::to_string(::getpid());
  std::filesystem::create_directory(folder);
  const OutputPaths paths = {.product = folder + "/a.pem", .key = folder + "/a-key.pem"};
  for (int round = 0; round < 20; ++round) {
    {
      std::vector<std::jthread> writers;
      for (int i = 0; i < 6; ++i)
        writers.emplace_back([&] {
          const auto key = pki::KeyPair::generate().value();
          const SecretBytes pem = key.to_pem();
          const auto written = write_key_and_product(
              paths, key, {}, "of " + std::string(as_text(pem.reveal())), IfExists::replace);
          EXPECT_TRUE(written);
        });
    }
    const auto key = read_file(paths.key), product = read_file(paths.product);
    ASSERT_TRUE(key && product);
    ASSERT_EQ(as_text(*product), "of " + std::string(as_text(*key))) << "round " << round;
  }
  std::filesystem::remove_all(folder);
}

TEST(CertFiles, NoKeyIsLeftWhereItsProductIsInTheWay) {
  const std::string folder = testing::TempDir() + "/bulla-refused-" + std::to_string(::getpid());
  std::filesystem::create_directory(folder);
  const OutputPaths paths = {.product = folder + "/a.pem", .key = folder + "/a-key.pem"};
  ASSERT_TRUE(write_file(paths.product, as_bytes("somebody's")));
  const auto refused =
      write_key_and_product(paths, pki::KeyPair::generate().value(), {}, "mine", IfExists::refuse);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::file_exists);
  EXPECT_FALSE(std::filesystem::exists(paths.key));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace bulla::cli
