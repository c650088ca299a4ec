// Every kind of picture that a format has (tests/data/pictures/make.py), against what it
// holds: Pillow's reading of it, where Pillow keeps all.
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "lib/base/error.hpp"
#include "lib/image/image_file.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

const std::string folder = TEST_DATA_DIR "/pictures/";

struct Reference {
  std::string depth;
  Shape shape;
  std::vector<double> samples;
};

struct Case {
  std::string path;
  const Reference* picture = nullptr;  // nullptr: refused
  double margin = 0;                   // in samples
  std::string refusal = "";
  SixteenBits sixteen = SixteenBits::scale;
};

struct Corpus {
  std::vector<Reference> pictures;
  std::vector<Case> cases;
};

Reference read_reference(std::istream& line) {
  Reference picture{"", Shape(3), {}};
  line >> picture.depth;
  for (std::size_t& extent : picture.shape) line >> extent;
  for (double value; line >> value;) picture.samples.push_back(value);
  return picture;
}

Corpus read_corpus() {
  std::ifstream file(folder + "expected.txt");
  std::string line;
  std::getline(file, line);
  Corpus corpus;
  corpus.pictures.resize(std::stoul(line));
  for (auto& picture : corpus.pictures) {
    std::getline(file, line);
    std::istringstream words(line);
    picture = read_reference(words);
  }
  while (std::getline(file, line)) {
    std::istringstream words(line);
    Case one;
    std::string what;
    words >> one.path >> what >> std::ws;
    if (what == "refused") {
      std::getline(words, one.refusal);
    } else if (what == "pillow") {
      words >> what;
      one.picture = &corpus.pictures[std::stoul(what)];
      one.sixteen = SixteenBits::pillow;
    } else {
      one.picture = &corpus.pictures[std::stoul(what)];
      words >> one.margin;
    }
    corpus.cases.push_back(std::move(one));
  }
  return corpus;
}

std::string name_of(Depth depth) {
  return depth == Depth::uint8 ? "uint8" : depth == Depth::uint16 ? "uint16" : "float32";
}

/// The sample that a value in [-1, 1] was.
double sample_of(double value, Depth depth) {
  const double most = depth == Depth::uint8 ? 255 : depth == Depth::uint16 ? 65535 : 1;
  return (value + 1) / 2 * most;
}

std::string text_of(const std::string& depth, const Shape& shape) {
  return depth + " " + std::to_string(shape[0]) + " x " + std::to_string(shape[1]) + " x " +
         std::to_string(shape[2]);
}

/// How an image differs from what its file holds; "" where it does not.
std::string difference(const Image& image, const Case& one) {
  const Reference& want = *one.picture;
  const std::string is = text_of(name_of(image.depth), image.pixels.shape());
  const std::string should_be = text_of(want.depth, want.shape);
  if (is != should_be) return is + ", not " + should_be;
  double worst = 0;
  std::size_t at = 0;
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const double off = std::abs(sample_of(image.pixels.data()[i], image.depth) - want.samples[i]);
    if (off > worst) worst = off, at = i;
  }
  const double rounding = image.depth == Depth::float32 ? 1e-6 : 0.02;
  return worst <= one.margin + rounding
             ? ""
             : "off by " + std::to_string(worst) + " at " + std::to_string(at);
}

/// What reading it does that it should not; "" where all is well.
std::string fault(const Case& one) {
  try {
    const std::string path = folder + one.path;
    const Image image = decode_image(read_file(path, picture_limit), path, one.sixteen);
    return one.picture ? difference(image, one) : "read";
  } catch (const Error& e) {
    const std::string said = e.what();
    return one.picture || said.find(one.refusal) == said.npos ? said : "";
  }
}

}  // namespace

TEST_CASE("a picture of every kind is read right, or refused by name", "[image][corpus]") {
  const Corpus corpus = read_corpus();
  REQUIRE(corpus.cases.size() > 150);
  for (const Case& one : corpus.cases) {
    INFO(one.path << (one.sixteen == SixteenBits::pillow ? ", as Pillow sees it" : ""));
    CHECK(fault(one) == "");
  }
}
