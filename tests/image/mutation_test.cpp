// Damaged pictures of every kind: read or refused, never the end of the program.
#include <algorithm>
#include <filesystem>
#include <random>

#include "lib/base/deflate.hpp"
#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/image/folder.hpp"
#include "lib/image/format.hpp"
#include "lib/image/image_file.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

using Random = std::mt19937;

std::size_t below(std::size_t end, Random& random) { return random() % end; }

/// One to eight changes: bits, bytes, numbers of four bytes, parts left out or repeated, the end.
std::string mutated(std::string bytes, Random& random) {
  for (std::size_t changes = 1 + below(8, random); changes-- > 0 && bytes.size() > 4;) {
    const std::size_t at = below(bytes.size(), random);
    const std::size_t size = std::min(bytes.size() - at, 1 + below(16, random));
    switch (below(8, random)) {
      case 0:
      case 1:
        bytes[at] = char(bytes[at] ^ 1 << below(8, random));
        break;
      case 2:
      case 3:
        bytes[at] = char(random());
        break;
      case 4:
        bytes[at] = char(below(2, random) ? 0xff : 0);
        break;
      case 5:
        std::fill_n(bytes.begin() + std::ptrdiff_t(at), std::min<std::size_t>(size, 4),
                    char(below(2, random) ? 0xff : 0));
        break;
      case 6:
        below(2, random) ? bytes.erase(at, size) : bytes.insert(at, bytes.substr(at, size));
        break;
      default:
        if (below(8, random) == 0) bytes.resize(at);
    }
  }
  return bytes;
}

/// Check sums of a PNG's chunks made right, so that what they hold is looked at.
void mend_check_sums(std::string& bytes) {
  if (!bytes.starts_with("\x89PNG")) return;
  const auto four = [&](std::size_t at) {
    std::size_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::uint8_t(bytes[at + i]);
    return value;
  };
  for (std::size_t at = 8; at + 12 <= bytes.size();) {
    const std::size_t size = four(at);
    if (size > bytes.size() - at - 12) return;
    const std::uint32_t sum = crc32(std::string_view(bytes).substr(at + 4, 4 + size));
    for (std::size_t i = 0; i < 4; ++i) bytes[at + 8 + size + i] = char(sum >> (24 - 8 * i));
    at += 12 + size;
  }
}

void decode_damaged(int rounds) {
  const std::string folder = TEST_DATA_DIR "/pictures/";
  for (const std::string& name : list_files(folder)) {
    if (!is_image_name(name)) continue;
    const std::string whole = read_file(folder + name);
    Random random(std::uint32_t(whole.size()));
    INFO(name);
    // A process for each takes its time.
    const int here = format_of_name(name)->apart ? std::max(1, rounds / 20) : rounds;
    int refused = 0;
    for (int round = 0; round < here; ++round) {
      std::string bytes = mutated(whole, random);
      mend_check_sums(bytes);
      try {
        decode_image(bytes, name);
      } catch (const Error& e) {
        ++refused;
      }
    }
    CHECK((refused > 0 || here < 10));
  }
}

}  // namespace

TEST_CASE("damaged pictures are read or refused", "[image]") { decode_damaged(20); }

TEST_CASE("a thousand damaged pictures of each kind are read or refused", "[.mutations]") {
  decode_damaged(1000);
}
