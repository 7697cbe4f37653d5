// The record of what src/crypto/chacha20_poly1305/poly1305_ifma.cpp does, for tools/prove_lanes.py.
#include "crypto/chacha20_poly1305/poly1305_ifma.cpp"
#include "driver.h"

#include <vector>

namespace bulla::crypto::chacha20_poly1305 {

// What by_lanes() leaves to another kernel: the state behind it is as unknown as the one before.
void poly1305_blocks_soft(Poly1305State&, const uint8_t*, size_t count, uint64_t) noexcept {
  if (count >= lanes) recorder::refuse("the lanes leave more than they must");
}

namespace {

using recorder::Word;

Number number(const char* name) {
  const Word l0 = recorder::input(name, 0), l1 = recorder::input(name, 1), l2 = recorder::input(name, 2);
  return {everywhere(l0), everywhere(l1), everywhere(l2)};
}
void output(const char* name, const Number& a, size_t lane = 0) {
  recorder::output(name, 0, a.l0.lane[lane]);
  recorder::output(name, 1, a.l1.lane[lane]);
  recorder::output(name, 2, a.l2.lane[lane]);
}
void output_all(const Number& a) {
  for (size_t lane = 0; lane < lanes; ++lane) output(recorder::lane_names[lane], a, lane);
  recorder::end();
}
/// Words of blocks; those of block b are 2b and 2b + 1.
std::vector<Word> words(size_t blocks) {
  std::vector<Word> out;
  for (size_t i = 0; i < 2 * blocks; ++i) out.push_back(recorder::input("block", i));
  return out;
}
const uint8_t* bytes(const std::vector<Word>& words) {
  return reinterpret_cast<const uint8_t*>(words.data());
}

void parts(uint64_t top) {
  recorder::begin("group", top);
  output_all(group(bytes(words(lanes)), top));
  recorder::begin("first", top);
  const Word state[] = {recorder::input("block", 0), recorder::input("block", 1)};
  output_all(first(state, top));
}
void products() {
  recorder::begin("product");
  output("out", product(number("h"), factor(number("r"))));
  recorder::end();
  recorder::begin("powers");
  Number stride;
  const Number out = powers(number("r"), stride);
  output("stride", stride);
  output_all(out);
}
/// `h` has as much as a turn leaves; what is put out is what the next has.
void groups(size_t count, uint64_t top) {
  recorder::begin("groups", count, top);
  const auto blocks = words(lanes * count);
  const Number h = number("h"), stride = number("r");
  output_all(many_groups(h, stride, bytes(blocks), count, top));
}
/// From state to state; the sums of the lanes are put out where they are made.
void whole(size_t count, uint64_t top, uint64_t state_top) {
  recorder::begin("by_lanes", count, top, state_top);
  const auto blocks = words(count);
  Poly1305State state{};
  for (size_t i = 0; i < 2; ++i) state.r[i] = recorder::input("r", i), state.h[i] = recorder::input("h", i);
  state.h[2] = state_top;
  by_lanes(state, bytes(blocks), count, top);
  recorder::end();
}

}  // namespace
}  // namespace bulla::crypto::chacha20_poly1305

int main() {
  using namespace bulla::crypto::chacha20_poly1305;
  for (uint64_t top : {0, 1, 4}) parts(top);
  products();
  for (size_t count = 0; count <= 8; ++count) groups(count, 1);
  for (size_t count : {16, 17, 23, 24, 32, 40, 48, 56, 64, 72, 79}) whole(count, 1, 4);
  whole(16, 0, 0);
}
