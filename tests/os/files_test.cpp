#include "os/fixture.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace bulla {
namespace {

using test::TemporaryFolder;

mode_t mode_of(const std::string& path) {
  struct stat status = {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777;
}

size_t entries_of(const std::string& folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(Files, AreReadAsTheyWereWritten) {
  const TemporaryFolder folder;
  for (const size_t size : {0u, 1u, 4095u, 4096u, 4097u, 100'000u}) {
    std::vector<uint8_t> content(size);
    for (size_t i = 0; i < size; ++i) content[i] = static_cast<uint8_t>(i * 7);
    ASSERT_TRUE(write_file(folder / "f", content));
    EXPECT_EQ(read_file(folder / "f").value(), content);
    EXPECT_TRUE(equal_vartime(read_secret_file(folder / "f").value().reveal(), content));
  }
  EXPECT_EQ(entries_of(folder.path()), 1u) << "no temporary file is left behind";
}

TEST(Files, ModesFollowPrivacyWhateverTheUmask) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(0);
  ASSERT_TRUE(write_file(folder / "secret", as_bytes("s"), Privacy::owner_only));
  ASSERT_TRUE(write_file(folder / "public", as_bytes("p")));
  ASSERT_TRUE(make_folders(folder / "a/b/c", Privacy::owner_only));
  ::umask(before);
  EXPECT_EQ(mode_of(folder / "secret"), 0600u);
  EXPECT_EQ(mode_of(folder / "public"), 0644u);
  EXPECT_EQ(mode_of(folder / "a"), 0700u);
  EXPECT_EQ(mode_of(folder / "a/b/c"), 0700u);
  EXPECT_TRUE(make_folders(folder / "a/b/c")) << "what is there already is fine";
}

TEST(Files, APublicFileThatIsReplacedByASecretOneBecomesSecret) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "f", as_bytes("old")));
  ASSERT_TRUE(write_file(folder / "f", as_bytes("new"), Privacy::owner_only));
  EXPECT_EQ(mode_of(folder / "f"), 0600u);
}

TEST(Files, AnExistingFileIsKeptWhereReplacingIsRefused) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "f", as_bytes("old"), Privacy::owner_only, IfExists::refuse));
  const auto again = write_file(folder / "f", as_bytes("new"), Privacy::owner_only, IfExists::refuse);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::file_exists);
  EXPECT_EQ(as_text(read_file(folder / "f").value()), "old");
  EXPECT_EQ(entries_of(folder.path()), 1u);
}

TEST(Files, WhatIsMissingOrAFolderIsNotReadable) {
  const TemporaryFolder folder;
  for (const std::string& path : {folder / "missing", folder.path(), std::string()}) {
    const auto content = read_file(path);
    ASSERT_FALSE(content);
    EXPECT_EQ(content.error().code, ErrorCode::file_not_readable);
    EXPECT_NE(content.error().detail.find(path), std::string::npos) << "the message names the file";
  }
}

TEST(Files, TooLargeOnesAreRefusedBeforeTheyAreRead) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "f", std::vector<uint8_t>(100)));
  EXPECT_TRUE(read_file(folder / "f", 100));
  const auto content = read_file(folder / "f", 99);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().code, ErrorCode::file_too_large);
  // A device without end has no size to look at; the bound holds while reading.
  const auto endless = read_file("/dev/zero", 100'000);
  ASSERT_FALSE(endless);
  EXPECT_EQ(endless.error().code, ErrorCode::file_too_large);
}

TEST(Files, PipesAreReadToTheirEnd) {
  const TemporaryFolder folder;
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] {
    const Descriptor end(::open(pipe.c_str(), O_WRONLY));
    const std::string text(10'000, 'x');
    for (size_t at = 0; at < text.size(); at += 1000) (void)!::write(end.number(), text.data() + at, 1000);
  });
  EXPECT_EQ(read_secret_file(pipe).value().size(), 10'000u);
  writer.join();
}

TEST(Files, WhatCannotBeWrittenSaysSo) {
  const TemporaryFolder folder;
  const auto missing = write_file(folder / "no/such/folder", as_bytes("x"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::file_not_writable);
  ASSERT_TRUE(write_file(folder / "file", as_bytes("x")));
  for (const char* below : {"file", "file/below"}) {
    const auto made = make_folders(folder / below);
    ASSERT_FALSE(made) << below;
    EXPECT_EQ(made.error().code, ErrorCode::file_not_writable);
  }
  ASSERT_TRUE(make_folders(folder / "folder"));
  const auto over_folder = write_file(folder / "folder", as_bytes("x"));
  ASSERT_FALSE(over_folder);
  EXPECT_EQ(over_folder.error().code, ErrorCode::file_not_writable);
  EXPECT_EQ(entries_of(folder.path()), 2u) << "the temporary file is gone";
}

// Root who writes to /dev/null or /dev/stdout would have it replaced by a file.
/// A file that was last changed so many seconds ago.
std::string put_aged(const std::string& path, int seconds) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_TRUE(file) << path;
  const timespec then = {::time(nullptr) - seconds, 0};
  const timespec times[2] = {then, then};
  EXPECT_EQ(::futimens(file.number(), times), 0);
  return path;
}

TEST(Files, WhatAKilledProcessLeftIsTakenAwayByTheNext) {
  const TemporaryFolder folder;
  const pid_t pid = ::fork();
  if (pid == 0) {  // ends in the middle of write_file: RLIMIT_FSIZE sends a signal at the first byte
    const rlimit none = {0, 0};
    ::setrlimit(RLIMIT_FSIZE, &none);
    (void)write_file(folder / "a-key.pem", as_bytes("secret"), Privacy::owner_only);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_EQ(entries_of(folder.path()), 1u);
  const std::string left = std::filesystem::directory_iterator(folder.path())->path().string();
  EXPECT_TRUE(left.starts_with(folder / "a-key.pem.bulla-")) << left;
  ASSERT_TRUE(write_file(folder / "b.pem", as_bytes("b")));
  EXPECT_EQ(entries_of(folder.path()), 2u) << "it might be somebody's who is at work";
  put_aged(left, 61);
  ASSERT_TRUE(write_file(folder / "b.pem", as_bytes("b")));
  EXPECT_EQ(entries_of(folder.path()), 1u);
}

TEST(Files, NothingElseIsTakenForWhatAKilledProcessLeft) {
  const TemporaryFolder folder;
  const std::string held = put_aged(folder / "held.pem.bulla-aaaaaa", 3600);
  const Descriptor holder(::open(held.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::flock(holder.number(), LOCK_EX), 0);
  const std::string linked = put_aged(folder / "linked", 3600);
  ASSERT_EQ(::symlink(linked.c_str(), (folder / "symlink.bulla-aaaaaa").c_str()), 0);
  ASSERT_EQ(::mkdir((folder / "folder.bulla-aaaaaa").c_str(), 0700), 0);
  ASSERT_EQ(::mkfifo((folder / "fifo.bulla-aaaaaa").c_str(), 0600), 0);
  for (const char* name : {"key.pem.backup", "key.pem.bulla-aaaaa", "key.pem.bulla-aaaaaa.old",
                           ".bulla-aaaaaa", "key.pem.bulla-aaa-aa", "key.pem.bull-aaaaaa"})
    put_aged(folder / name, 3600);
  const size_t before = entries_of(folder.path());
  ASSERT_TRUE(write_file(folder / "new.pem", as_bytes("x")));
  EXPECT_EQ(entries_of(folder.path()), before + 1);
  ASSERT_EQ(::flock(holder.number(), LOCK_UN), 0);
  ASSERT_TRUE(write_file(folder / "new.pem", as_bytes("x")));
  EXPECT_EQ(entries_of(folder.path()), before);
  // Killed between the link that gives it its name and the removal of the other.
  ASSERT_EQ(::link(linked.c_str(), (folder / "linked.bulla-aaaaaa").c_str()), 0);
  ASSERT_TRUE(write_file(folder / "new.pem", as_bytes("x")));
  EXPECT_EQ(entries_of(folder.path()), before);
  EXPECT_TRUE(std::filesystem::exists(linked));
}

TEST(Files, DevicesAndPipesAreNotReplaced) {
  const TemporaryFolder folder;
  const std::string pipe = folder / "pipe", to_pipe = folder / "to-pipe", to_output = folder / "to-output",
                    to_file = folder / "to-file", nowhere = folder / "nowhere";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  ASSERT_EQ(::symlink(pipe.c_str(), to_pipe.c_str()), 0);
  ASSERT_EQ(::symlink("/proc/self/fd/1", to_output.c_str()), 0);
  for (const std::string& special : {pipe, to_pipe, to_output}) {
    struct stat before = {}, after = {};
    ASSERT_EQ(::lstat(special.c_str(), &before), 0);
    const auto refused = write_file(special, as_bytes("x"));
    ASSERT_FALSE(refused) << special;
    EXPECT_EQ(refused.error().code, ErrorCode::file_not_writable);
    EXPECT_EQ(write_file(special, as_bytes("x"), Privacy::owner_only, IfExists::refuse).error().code,
              ErrorCode::file_exists);
    ASSERT_EQ(::lstat(special.c_str(), &after), 0);
    EXPECT_EQ(before.st_ino, after.st_ino) << special;
  }
  EXPECT_EQ(entries_of(folder.path()), 3u) << "the temporary files are gone";
  // Links to files, and to nothing, are replaced and not followed.
  ASSERT_TRUE(write_file(folder / "file", as_bytes("old")));
  ASSERT_EQ(::symlink((folder / "file").c_str(), to_file.c_str()), 0);
  ASSERT_EQ(::symlink((folder / "absent").c_str(), nowhere.c_str()), 0);
  for (const std::string& link : {to_file, nowhere}) EXPECT_TRUE(write_file(link, as_bytes("new"))) << link;
  EXPECT_EQ(as_text(read_file(folder / "file").value()), "old");
  EXPECT_EQ(as_text(read_file(nowhere).value()), "new");
}

TEST(Files, APassphraseIsTheFirstLine) {
  const TemporaryFolder folder;
  for (const char* content :
       {"open sesame", "open sesame\n", "open sesame\r\n", "open sesame\nsecond line\n"}) {
    ASSERT_TRUE(write_file(folder / "pass", as_bytes(content)));
    EXPECT_EQ(as_text(read_passphrase_file(folder / "pass").value().reveal()), "open sesame");
  }
  ASSERT_TRUE(write_file(folder / "pass", as_bytes("")));
  EXPECT_TRUE(read_passphrase_file(folder / "pass").value().empty());
  EXPECT_EQ(read_passphrase_file(folder / "none").error().code, ErrorCode::file_not_readable);
}

TEST(Files, TheDataFolderFollowsXdg) {
  {
    const test::Environment data("XDG_DATA_HOME", "/somewhere/data");
    EXPECT_EQ(data_folder().value(), "/somewhere/data/bulla");
  }
  const test::Environment home("HOME", "/home/ea-nasir");
  {
    const test::Environment relative("XDG_DATA_HOME", "relative");
    EXPECT_EQ(data_folder().value(), "/home/ea-nasir/.local/share/bulla")
        << "a relative path is to be ignored";
  }
  const test::Environment unset("XDG_DATA_HOME", nullptr);
  const test::Environment homeless("HOME", nullptr);
  EXPECT_EQ(data_folder().error().code, ErrorCode::file_not_writable);
}

TEST(Descriptor, HasOneOwner) {
  int ends[2] = {};
  ASSERT_EQ(::pipe(ends), 0);
  Descriptor first(ends[0]);
  const Descriptor other(ends[1]);
  Descriptor second = std::move(first);
  EXPECT_FALSE(first);
  EXPECT_EQ(second.number(), ends[0]);
  second = Descriptor();
  EXPECT_EQ(::fcntl(ends[0], F_GETFD), -1) << "closed by the assignment";
}

}  // namespace
}  // namespace bulla
