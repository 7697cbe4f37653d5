// Drives a fuzz target without libFuzzer: every file named on the command line (folders are walked), then
// inputs made from them and from nothing by a generator with a fixed seed. The same run every time, so that
// it is a test.
//   fuzz_<name> [--runs=N] [--prefix=HEX]... [FILE|FOLDER]...
// --prefix: every file is run once more with these bytes in front, where a target's first bytes choose
// something and the file knows nothing of them.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Input = std::vector<uint8_t>;

/// splitmix64: small, seeded, the same on every platform.
class Generator {
 public:
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// A number below `bound`, which is not zero.
  size_t below(size_t bound) { return static_cast<size_t>(next() % bound); }
  uint8_t byte() { return static_cast<uint8_t>(next()); }

 private:
  uint64_t state_ = 0x62756c6c61;
};

/// The input stands in a heap block of exactly its size, so that AddressSanitizer sees a read past its end.
void run(const Input& input) {
  const Input exact(input);
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

Input random_input(Generator& random) {
  static constexpr std::array<size_t, 5> bounds = {8, 64, 300, 2000, 20000};
  Input input(random.below(bounds[random.below(bounds.size())]));
  for (uint8_t& b : input) b = random.byte();
  return input;
}

/// Values that parsers stumble over: lengths at the edge, DER tags, TLS types.
uint8_t interesting(Generator& random) {
  static constexpr std::array<uint8_t, 16> bytes = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x14,
                                                    0x16, 0x17, 0x30, 0x7f, 0x80, 0x81, 0x82, 0xff};
  return bytes[random.below(bytes.size())];
}

void mutate_once(Input& input, const std::vector<Input>& corpus, Generator& random) {
  if (input.empty()) input.push_back(0);
  const size_t at = random.below(input.size());
  const auto here = input.begin() + static_cast<std::ptrdiff_t>(at);
  switch (random.below(7)) {
    case 0: *here = static_cast<uint8_t>(*here ^ 1u << random.below(8)); break;
    case 1: *here = interesting(random); break;
    case 2: *here = random.byte(); break;
    case 3: input.insert(here, 1 + random.below(8), interesting(random)); break;
    case 4:
      input.erase(here, here + static_cast<std::ptrdiff_t>(std::min(1 + random.below(8), input.size() - at)));
      break;
    case 5: input.resize(at); break;
    default: {  // the tail of another input
      const Input& other = corpus[random.below(corpus.size())];
      const size_t from = other.empty() ? 0 : random.below(other.size());
      input.resize(at);
      input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
    }
  }
}

Input mutated(const std::vector<Input>& corpus, Generator& random) {
  Input input = corpus[random.below(corpus.size())];
  for (size_t n = 1 + random.below(4); n > 0; --n) mutate_once(input, corpus, random);
  return input;
}

void load_file(const std::filesystem::path& path, std::vector<Input>& corpus) {
  std::ifstream file(path, std::ios::binary);
  corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

bool load(const std::filesystem::path& path, std::vector<Input>& corpus) {
  if (std::filesystem::is_regular_file(path)) {
    load_file(path, corpus);
    return true;
  }
  if (!std::filesystem::is_directory(path)) return false;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());  // the order of a folder is not the same everywhere
  for (const auto& file : files) load_file(file, corpus);
  return true;
}

/// Bytes of pairs of hexadecimal digits; false where they are none.
bool parse_hex(std::string_view digits, Input& out) {
  for (size_t i = 0; i < digits.size(); i += 2) {
    uint8_t byte = 0;
    const char* end = digits.data() + std::min(i + 2, digits.size());
    if (std::from_chars(digits.data() + i, end, byte, 16).ptr != digits.data() + i + 2) return false;
    out.push_back(byte);
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  size_t runs = 2000;
  std::vector<Input> corpus, prefixes;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with("--runs=")) {
      const std::string_view digits = argument.substr(7);
      if (std::from_chars(digits.data(), digits.data() + digits.size(), runs).ec != std::errc()) return 2;
    } else if (argument.starts_with("--prefix=")) {
      if (!parse_hex(argument.substr(9), prefixes.emplace_back())) return 2;
    } else if (!load(argument, corpus)) {
      std::fprintf(stderr, "%s: no such file or folder\n", argv[i]);
      return 2;
    }
  }
  for (const Input& input : corpus) run(input);
  for (const Input& prefix : prefixes)
    for (const Input& input : corpus) {
      Input longer = prefix;
      longer.insert(longer.end(), input.begin(), input.end());
      run(longer);
    }
  const size_t files = corpus.size();
  Generator random;
  run({});
  corpus.push_back({});
  for (size_t i = 0; i < runs; ++i) run(random_input(random));
  for (size_t i = 0; i < runs; ++i) run(mutated(corpus, random));
  std::printf("%zu files, %zu random and %zu mutated inputs\n", files, runs, runs);
  return 0;
}
