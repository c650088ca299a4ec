// Points of the plane, as gnuplot is told to draw them.
#include "lib/output/scatter.hpp"

#include <vector>

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Tensor points(float first, float second) {
  Tensor all(Shape{1, 1, 1, 2}, first);
  all(0, 0, 0, 1) = second;
  return all;
}

std::string script_of(const std::vector<PointCloud>& clouds) {
  return scatter_script(clouds, PictureType::svg);
}

}  // namespace

TEST_CASE("a scatter has the points of each cloud, the last on top", "[output]") {
  const Tensor data = points(1, -2), samples = points(0.25f, 300);
  const std::string script = script_of({{"data", data}, {"it's", samples}});
  CHECK_THAT(script, Contains("$cloud0 << end\n1 -2\nend\n"));
  CHECK_THAT(script, Contains("$cloud1 << end\n0.25 300\nend\n"));
  CHECK_THAT(script, Contains("title 'it''s'"));
  CHECK(script.find("plot $cloud0") < script.find(", $cloud1"));
  CHECK_THAT(script, Contains("set key outside"));
  CHECK_THAT(script_of({{"samples", samples}}), Contains("set key off"));
}

TEST_CASE("the axes of a scatter have one scale where both can be read", "[output]") {
  const auto shared = [](float width, float height) {
    const Tensor near = points(0, 0), far = points(width, height);
    return script_of({{"a", near}, {"b", far}}).find("ratio -1") != std::string::npos;
  };
  CHECK(shared(1, 2));
  CHECK(shared(9, 1));
  CHECK_FALSE(shared(1, 300));
  CHECK_FALSE(shared(1, 0));
  CHECK_FALSE(shared(0, 0));
}

TEST_CASE("a scatter is of two numbers each", "[output]") {
  CHECK_NOTHROW(need_plane({1, 1, 2}, "s.png"));
  for (const Shape& shape : {Shape{1, 1, 3}, Shape{1, 2, 1}, Shape{1, 1, 1}})
    CHECK_THROWS_WITH(need_plane(shape, "s.png"),
                      StartsWith("s.png: a scatter shows points of two numbers"));
}
