// The record of what src/crypto/curve25519/comb_ifma.cpp does with points, one in each lane, for
// tools/prove_lanes.py.
#include "crypto/curve25519/comb_ifma.cpp"
#include "driver.h"

#include <algorithm>

namespace bulla::crypto::curve25519::ifma {
namespace {

using recorder::number, recorder::output_limbs;

Point point() {
  Point out;
  out.x = number<Loose<1>>("x"), out.y = number<Loose<1>>("y"), out.z = number<Loose<1>>("z");
  out.t = number<Loose<1>>("t");
  return out;
}
void output(const Point& p, bool with_t) {
  output_limbs("lane0", p.x), output_limbs("lane1", p.y), output_limbs("lane2", p.z);
  if (with_t) output_limbs("lane3", p.t);
  recorder::end();
}
template <Next next>
void sums(const char* name) {
  recorder::begin(name);
  Point p = point();
  ReadyPoint q;
  q.y_minus_x = number<Lanes51>("a"), q.y_plus_x = number<Lanes51>("b"), q.xy2d = number<Lanes51>("c");
  add<next>(p, q);
  output(p, next == Next::addition);
}
/// A block whose entries are known by their limbs, and each of them in a lane, as it is and negative.
void entries() {
  alignas(64) Block block;
  recorder::begin("entries");
  Column* const columns[] = {&block.y_minus_x, &block.y_plus_x, &block.xy2d};
  const char* const names[] = {"minus", "plus", "product"};
  for (size_t c = 0; c < 3; ++c)
    for (size_t i = 0; i < 5 * block_size; ++i)
      columns[c]->limb[i / block_size][i % block_size] = recorder::input(names[c], i);
  for (size_t entry = 0; entry < block_size; ++entry) {
    const bool upper = entry >= block_size / 2;
    const Eight::Vector index = Eight::all(entry);
    const ReadyPoint q = look_up(block, {index, static_cast<__mmask8>(upper ? 0xff : 0), 0xaa});
    for (size_t lane : {0, 7}) {
      char name[32];
      for (const auto& [what, number] :
           {std::pair{"minus", q.y_minus_x}, {"plus", q.y_plus_x}, {"product", q.xy2d}}) {
        std::snprintf(name, sizeof name, "%s_%zu_%zu", what, entry, lane);
        output_limbs(name, number, lane);
      }
    }
  }
  recorder::end();
}

}  // namespace
}  // namespace bulla::crypto::curve25519::ifma

int main() {
  using namespace bulla::crypto::curve25519::ifma;
  sums<Next::addition>("add");
  sums<Next::doubling>("add_before_doubling");
  recorder::begin("twice");
  Point p = point();
  twice(p);
  output(p, true);
  entries();
  recorder::begin("tables");
  const auto* const limbs = reinterpret_cast<const uint64_t*>(&table);
  recorder::output("most", 0, *std::max_element(limbs, limbs + sizeof table / 8));
  recorder::end();
}
