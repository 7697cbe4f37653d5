#include "http/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace bulla::http {
namespace {

namespace fs = std::filesystem;

constexpr int to_pass = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
// O_NONBLOCK: opening a pipe must not wait for its writer.
constexpr int to_read = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

bool is_folder(int folder, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN && entry.d_type != DT_LNK) return entry.d_type == DT_DIR;
  struct stat info = {};
  return ::fstatat(folder, entry.d_name, &info, 0) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

Result<Folder> Folder::open(const std::string& path) {
  std::error_code ec;
  const fs::path canonical = fs::canonical(path, ec);
  if (ec) return Error{ErrorCode::bad_config, "folder " + printable(path) + ": " + ec.message()};
  Descriptor descriptor(::open(canonical.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() < 0)
    return Error{ErrorCode::bad_config, printable(path) + " is not a folder that can be opened"};
  return Folder(std::move(descriptor), canonical.string());
}

std::variant<Node, int> Folder::open_below(const std::vector<std::string>& names) const {
  auto node = walk(names);
  const int* error = std::get_if<int>(&node);
  if (!error || (*error != ELOOP && *error != ENOTDIR)) return node;
  // A symbolic link on the way. Its target is found by name, but opened by walking again without following
  // any link: a link that is put there in between is refused, not followed out of the folder.
  const auto canonical = canonical_names(names);
  if (!canonical) return ENOENT;
  return walk(*canonical);
}

std::variant<Node, int> Folder::walk(const std::vector<std::string>& names) const {
  Descriptor passed;
  int at = descriptor_.get();
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    Descriptor next(::openat(at, names[i].c_str(), to_pass));
    if (next.get() < 0) return errno;
    passed = std::move(next);
    at = passed.get();
  }
  Descriptor last(::openat(at, names.empty() ? "." : names.back().c_str(), to_read));
  if (last.get() < 0) return errno;
  struct stat info = {};
  if (::fstat(last.get(), &info) != 0) return errno;
  if (S_ISDIR(info.st_mode)) return Node{std::move(last), NodeKind::folder};
  if (S_ISREG(info.st_mode)) return Node{std::move(last), NodeKind::file};
  return ENOENT;
}

std::optional<std::vector<std::string>> Folder::canonical_names(const std::vector<std::string>& names) const {
  fs::path path = canonical_;
  for (const std::string& name : names) path /= name;
  std::error_code ec;
  const fs::path real = fs::canonical(path, ec);
  if (ec) return std::nullopt;
  const fs::path root = canonical_;
  const auto [root_end, inside] = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
  if (root_end != root.end()) return std::nullopt;
  std::vector<std::string> out;
  for (auto part = inside; part != real.end(); ++part) {
    // A link does not show what its own name would hide. Names with two dots are Kubernetes' versions of a
    // mounted folder, which every file in it is a link into.
    if (is_hidden(part->string()) && !part->string().starts_with("..")) return std::nullopt;
    out.push_back(part->string());
  }
  return out;
}

std::vector<Entry> entries_of(const Node& folder, size_t max) {
  std::vector<Entry> entries;
  // The stream takes over the copy that it is given.
  DIR* stream = ::fdopendir(::fcntl(folder.descriptor.get(), F_DUPFD_CLOEXEC, 0));
  if (!stream) return entries;
  ::rewinddir(stream);
  while (const dirent* entry = ::readdir(stream)) {
    if (entries.size() == max) break;
    if (is_hidden(entry->d_name)) continue;
    const bool nested = is_folder(folder.descriptor.get(), *entry);
    entries.push_back(Entry{entry->d_name, nested ? NodeKind::folder : NodeKind::file});
  }
  ::closedir(stream);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.kind != b.kind ? a.kind == NodeKind::folder : a.name < b.name;
  });
  return entries;
}

bool is_hidden(std::string_view name) noexcept {
  return !name.empty() && name.front() == '.' && name != ".well-known";
}

}  // namespace bulla::http
