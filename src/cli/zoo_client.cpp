#include "cli/zoo_client.h"

#include "cli/account.h"
#include "cli/terminal.h"

#include <bulla/https_client.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <thread>

namespace bulla::cli {
namespace {

enum class Verdict : uint8_t { accepted, refused, no_answer };

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::accepted: return "accepted";
    case Verdict::refused: return "refused";
    case Verdict::no_answer: break;
  }
  return "no answer";
}

/// A text in a file of its own, for as long as the test runs.
class TextFile {
 public:
  static Result<TextFile> write(std::string_view text) {
    std::string pattern = (std::filesystem::temp_directory_path() / "bulla-zoo-XXXXXX").string();
    const int file = ::mkstemp(pattern.data());
    if (file < 0) return Error{ErrorCode::file_not_writable, pattern + ": " + std::strerror(errno)};
    TextFile out(std::move(pattern));
    const auto written = write_all(file, as_bytes(text), out.path_);
    ::close(file);
    if (!written) return written.error();
    return out;
  }
  TextFile(TextFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TextFile& operator=(TextFile&&) = delete;
  ~TextFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  const std::string& path() const noexcept { return path_; }

 private:
  explicit TextFile(std::string path) noexcept : path_(std::move(path)) {}
  std::string path_;
};

// ---- our own client ---------------------------------------------------------------------------------------

Result<Verdict> ask_ours(ZooServer& zoo, const pki::Specimen& specimen) {
  ClientOptions options;
  RootStore roots;
  BULLA_TRY(roots.add(as_bytes(zoo.zoo().root_pem())));
  RevocationLists lists;
  BULLA_TRY(lists.add(as_bytes(zoo.zoo().lists_pem())));
  options.verifier =
      std::make_shared<WebPkiVerifier>(std::move(roots), WebPkiVerifier::Options{.lists = std::move(lists)});
  options.ocsp = OcspStapling::requested;
  options.common.alpn = {"http/1.1"};
  BULLA_TRY(ClientConfigPtr config, make_client_config(std::move(options)));
  const uint16_t port = zoo.server().port();
  net::HttpsClient client(zoo.url_of(specimen),
                          {.config = std::move(config),
                           .resolve = {{.host = specimen.host(), .port = port, .address = "localhost"}}});
  const auto answer = client.get("/");
  if (answer) return Verdict::accepted;
  // Refused for something else than what is wrong would be luck.
  return answer.error().code == specimen.finding ? Verdict::refused : Verdict::no_answer;
}

// ---- a command --------------------------------------------------------------------------------------------

std::string filled_in(std::string word, const std::vector<std::pair<std::string, std::string>>& values) {
  for (const auto& [name, value] : values)
    for (size_t at = 0; (at = word.find(name, at)) != std::string::npos; at += value.size())
      word.replace(at, name.size(), value);
  return word;
}

/// Waits for the process; one that takes too long is ended, with all that it started.
Verdict wait_for(pid_t process, Seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  int status = 0;
  for (;;) {
    const pid_t ended = ::waitpid(process, &status, WNOHANG);
    if (ended == process) break;
    if (ended < 0 && errno != EINTR) return Verdict::no_answer;
    if (std::chrono::steady_clock::now() > deadline) {
      ::kill(-process, SIGKILL);
      ::waitpid(process, &status, 0);
      return Verdict::no_answer;
    }
    std::this_thread::sleep_for(Milliseconds(5));
  }
  if (!WIFEXITED(status)) return Verdict::no_answer;
  return WEXITSTATUS(status) == 0 ? Verdict::accepted : Verdict::refused;
}

/// Without a shell, in a process group of its own, with nothing to read, and unheard.
Result<Verdict> run(const std::vector<std::string>& words, Seconds limit) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);  // ours is ignored, which would go on in the command
  ::posix_spawnattr_setsigdefault(&attributes, &pipe);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  pid_t process = 0;
  const int wrong = ::posix_spawnp(&process, argv[0], &files, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (wrong)
    return Error{ErrorCode::bad_argument, printable(words[0]) + " cannot be run: " + std::strerror(wrong),
                 "name a program that is there, behind --"};
  return wait_for(process, limit);
}

Result<Verdict> ask_command(ZooServer& zoo, const pki::Specimen& specimen, const ZooTestFlags& flags,
                            const TextFile& root, const TextFile& lists) {
  std::vector<std::string> words;
  for (const std::string& word : flags.command)
    words.push_back(filled_in(word, {{"{url}", zoo.url_of(specimen)},
                                     {"{host}", specimen.host()},
                                     {"{port}", std::to_string(zoo.server().port())},
                                     {"{ca}", root.path()},
                                     {"{crl}", lists.path()}}));
  return run(words, Seconds(flags.timeout));
}

// ---- what came of it --------------------------------------------------------------------------------------

bool is_right(const pki::Specimen& specimen, Verdict verdict) {
  return verdict == (specimen.finding ? Verdict::refused : Verdict::accepted);
}

void print_verdict(const pki::Specimen& specimen, Verdict verdict, const ZooTestFlags& flags) {
  const bool right = is_right(specimen, verdict);
  const bool debatable = specimen.verdict == pki::Specimen::Verdict::debatable;
  if (flags.json) {
    print_line("{" + json_field("name", specimen.name) + "," + json_field("verdict", name_of(verdict)) +
               ",\"right\":" + (right ? "true" : "false") +
               ",\"debatable\":" + (debatable ? "true" : "false") + "}");
    return;
  }
  constexpr size_t width = 32;
  std::string line = std::string(right       ? "  ok    "
                                 : debatable ? "  note  "
                                             : "  BAD   ") +
                     std::string(specimen.name);
  line.resize(std::max(line.size() + 1, width), ' ');
  line += name_of(verdict);
  if (!right) line += ": " + std::string(specimen.what);
  print_line(line);
}

}  // namespace

Result<size_t> test_client(ZooServer& zoo, const ZooTestFlags& flags) {
  BULLA_TRY(const TextFile root, TextFile::write(zoo.zoo().root_pem()));
  BULLA_TRY(const TextFile lists, TextFile::write(zoo.zoo().lists_pem()));
  size_t broken = 0, right = 0;
  for (const pki::Specimen& one : pki::specimens()) {
    BULLA_TRY(const Verdict verdict,
              flags.command.empty() ? ask_ours(zoo, one) : ask_command(zoo, one, flags, root, lists));
    print_verdict(one, verdict, flags);
    right += is_right(one, verdict);
    broken += !is_right(one, verdict) && one.verdict == pki::Specimen::Verdict::agreed;
  }
  if (!flags.json)
    print_line(std::to_string(right) + " of " + std::to_string(pki::specimens().size()) +
               " verdicts are right" +
               (broken ? "; " + std::to_string(broken) + " show that the client is broken" : ""));
  return broken;
}

}  // namespace bulla::cli
