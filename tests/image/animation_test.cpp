#include "lib/image/animation.hpp"

#include "lib/base/file.hpp"
#include "lib/image/image_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

/// The times of a GIF's frames in 1/100 s: each graphic control extension has four
/// bytes, of which two are that.
std::vector<int> delays(const std::string& gif) {
  std::vector<int> found;
  for (std::size_t at = 0; (at = gif.find("\x21\xf9\x04", at)) != std::string::npos; ++at)
    found.push_back(static_cast<unsigned char>(gif[at + 4]) +
                    256 * static_cast<unsigned char>(gif[at + 5]));
  return found;
}

}  // namespace

TEST_CASE("an animation shows its frames for the time asked", "[image]") {
  const test::Scratch scratch;
  Animation animation;
  for (const float grey : {-1.f, 0.f, 1.f}) animation.add({Tensor(Shape{8, 9, 1}, grey)});
  animation.write(scratch / "a.gif", {.frames_a_second = 5});
  const std::string bytes = read_file(scratch / "a.gif");
  CHECK(bytes.substr(0, 6) == "GIF89a");
  CHECK(bytes.find("NETSCAPE2.0") != std::string::npos);  // it goes round
  CHECK(delays(bytes) == std::vector<int>{20, 20, 20});
  const Image first = read_image(scratch / "a.gif");
  CHECK(first.pixels.shape(0) == 8);
  CHECK(first.pixels.shape(1) == 9);
  CHECK(first.pixels(4, 4, 0) == -1);
  animation.write(scratch / "held.gif", {.frames_a_second = 5, .hold = 3});
  CHECK(delays(read_file(scratch / "held.gif")) == std::vector<int>{20, 20, 300});
  CHECK_THROWS_WITH(animation.write(scratch / "a.png", {}), Contains("end in .gif"));
}
