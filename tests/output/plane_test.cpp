// Ways and arrows of the plane, as gnuplot is told to draw them.
#include "lib/output/plane.hpp"

#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Tensor point(float first, float second) {
  Tensor all(Shape{1, 1, 1, 2}, first);
  all.data()[1] = second;
  return all;
}

}  // namespace

TEST_CASE("a way is a line from its start to its end", "[output]") {
  const Tensor states[] = {point(1, 2), point(3, 4), point(5, 6)};
  const std::string script = paths_script(states, PictureType::svg);
  CHECK_THAT(script, Contains("$ways << end\n1 2\n3 4\n5 6\n\nend\n"));
  CHECK_THAT(script, Contains("$starts << end\n1 2\nend\n"));
  CHECK_THAT(script, Contains("$ends << end\n5 6\nend\n"));
}

TEST_CASE("arrows stand where they belong, over the samples", "[output]") {
  const Tensor cloud = point(7, 8), from = point(1, 2), along = point(-3, 0.5f);
  const std::string script = field_script({"it's", cloud}, {from, along}, PictureType::svg);
  CHECK_THAT(script, Contains("$cloud << end\n7 8\nend\n"));
  CHECK_THAT(script, Contains("$arrows << end\n1 2 -3 0.5\nend\n"));
  CHECK_THAT(script, Contains("title 'it''s'"));
  CHECK(script.find("plot $cloud") < script.find(", $arrows using 1:2:3:4 with vectors"));
}
