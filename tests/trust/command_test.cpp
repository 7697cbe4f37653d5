// Programs are run as they are named, and end.
#include "trust/fixture.h"

#include <unistd.h>

#include <chrono>
#include <csignal>

namespace bulla::trust {
namespace {

constexpr Milliseconds soon{20'000};

Command shell(const std::string& script) {
  return {.program = "/bin/sh", .arguments = {"-c", script}};
}

TEST(RunCommand, TellsStatusOutputAndErrors) {
  const CommandResult result = run_command(shell("echo out; echo err >&2; exit 7"), soon).value();
  EXPECT_EQ(result.status, 7);
  EXPECT_EQ(result.output, "out\n");
  EXPECT_EQ(result.errors, "err\n");
}

TEST(RunCommand, GivesInputAsItIsHoweverLong) {
  const std::string input(1'000'000, 'x');
  EXPECT_EQ(run_command({.program = "/bin/cat", .input = input}, soon).value().output, input);
  EXPECT_EQ(run_command({.program = "/bin/cat"}, soon).value().output, "");
  EXPECT_EQ(run_command({.program = "/bin/true", .input = input}, soon).value().status, 0) << "unread";
}

TEST(RunCommand, StandardDescriptorsThatAreClosedAreNoneOfItsOwn) {
  const Descriptor kept[] = {Descriptor(::dup(0)), Descriptor(::dup(1)), Descriptor(::dup(2))};
  for (const int number : {0, 1, 2}) ::close(number);
  const auto result =
      run_command({.program = "/bin/sh", .arguments = {"-c", "cat; echo err >&2"}, .input = "in"}, soon);
  for (const int number : {0, 1, 2}) ::dup2(kept[number].number(), number);
  EXPECT_EQ(result.value().output, "in");
  EXPECT_EQ(result.value().errors, "err\n");
}

TEST(RunCommand, NoShellReadsTheArguments) {
  const std::string odd = "$(id) `id` ; * '\" \\ \n";
  EXPECT_EQ(run_command({.program = "/bin/echo", .arguments = {"-n", odd}}, soon).value().output, odd);
}

TEST(RunCommand, SpeaksC) {
  EXPECT_EQ(run_command(shell("echo $LC_ALL$LANGUAGE"), soon).value().output, "C\n");
}

TEST(RunCommand, HasNoTerminal) {
  EXPECT_NE(run_command(shell("exec </dev/tty"), soon).value().status, 0);
}

TEST(RunCommand, SignalsAreStatuses) {
  EXPECT_EQ(run_command(shell("kill -9 $$"), soon).value().status, 128 + SIGKILL);
  // Whoever ignores SIGPIPE starts programs that do not.
  EXPECT_EQ(run_command(shell("kill -PIPE $$"), soon).value().status, 128 + SIGPIPE);
}

TEST(RunCommand, WhatIsNotThereCannotBeStarted) {
  for (const char* program : {"/no/such/program", "/etc/passwd", "/etc", ""}) {
    const auto result = run_command({.program = program}, soon);
    ASSERT_FALSE(result) << program;
    EXPECT_EQ(result.error().code, ErrorCode::trust_store_failed);
    EXPECT_NE(result.error().detail.find("cannot be started"), std::string::npos);
  }
}

TEST(RunCommand, EndsWhatTakesTooLongWithAllThatItStarted) {
  const auto start = std::chrono::steady_clock::now();
  const test::TemporaryFolder folder;
  const std::string pid_file = folder.path("pid");
  const auto result = run_command(shell("sleep 100 & echo $! > " + pid_file + "; wait"), Milliseconds{500});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::trust_store_failed);
  EXPECT_NE(result.error().detail.find("took too long"), std::string::npos);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(15));
  const auto text = read_file(pid_file).value();
  const pid_t sleeper = static_cast<pid_t>(std::stol(std::string(as_text(text))));
  bool is_gone = false;  // or a zombie of whoever adopted it
  for (int i = 0; i < 100 && !is_gone; ++i) {
    const auto status = read_file("/proc/" + std::to_string(sleeper) + "/status");
    is_gone = !status || as_text(*status).find("State:\tZ") != std::string_view::npos;
    ::usleep(20'000);
  }
  EXPECT_TRUE(is_gone);
}

TEST(RunCommand, WhoClosesItsOutputAndStaysIsEndedToo) {
  const auto result = run_command(shell("exec >&- 2>&-; sleep 100"), Milliseconds{500});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().detail.find("took too long"), std::string::npos);
}

TEST(RunCommand, KeepsNoMoreThanItShould) {
  const auto result = run_command(shell("exec head -c 20000000 /dev/zero"), soon);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().detail.find("16 MiB"), std::string::npos);
}

}  // namespace
}  // namespace bulla::trust
