#include "lib/image/animation.hpp"

#include "lib/base/file.hpp"
#include "lib/image/image_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/gif.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

TEST_CASE("an animation shows its frames for the time asked", "[image]") {
  const test::Scratch scratch;
  Animation animation;
  for (const float grey : {-1.f, 0.f, 1.f}) animation.add({Tensor(Shape{8, 9, 1}, grey)});
  animation.write(scratch / "a.gif", {.frames_a_second = 5});
  const std::string bytes = read_file(scratch / "a.gif");
  CHECK(bytes.substr(0, 6) == "GIF89a");
  CHECK(bytes.find("NETSCAPE2.0") != std::string::npos);  // it goes round
  CHECK(test::gif_delays(bytes) == std::vector<int>{20, 20, 20});
  const Image first = read_image(scratch / "a.gif");
  CHECK(first.pixels.shape(0) == 8);
  CHECK(first.pixels.shape(1) == 9);
  CHECK(first.pixels(4, 4, 0) == -1);
  animation.write(scratch / "held.gif", {.frames_a_second = 5, .hold = 3});
  CHECK(test::gif_delays(read_file(scratch / "held.gif")) == std::vector<int>{20, 20, 300});
  CHECK_THROWS_WITH(animation.write(scratch / "a.png", {}), Contains("end in .gif"));
}
