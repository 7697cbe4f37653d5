// Where the body of a response goes: standard output, or a file that appears whole or not at all.
#pragma once

#include <bulla/os.h>

#include <cstdint>
#include <string>

namespace bulla::cli {

class BodyFile {
 public:
  /// `path` empty or "-": standard output. Another file is written as PATH.part (or the next free name like
  /// it) and renamed by finish(), with the mode of the file that it replaces; a signal that ends the program
  /// removes it. What is no regular file (a pipe, a device) is written directly. One file at a time. Error:
  /// file_not_writable.
  static Result<BodyFile> open(const std::string& path);
  BodyFile(BodyFile&&) noexcept = default;
  BodyFile& operator=(BodyFile&&) = delete;
  /// Removes an unfinished file.
  ~BodyFile();

  Result<void> write(Bytes bytes);
  /// Gives the file its name.
  Result<void> finish();
  uint64_t written() const noexcept { return written_; }

 private:
  BodyFile(Descriptor file, std::string path, std::string temporary) noexcept
      : file_(std::move(file)), path_(std::move(path)), temporary_(std::move(temporary)) {}
  Descriptor file_;  // none: standard output
  std::string path_, temporary_;
  uint64_t written_ = 0;
};

}  // namespace bulla::cli
