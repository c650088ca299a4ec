#include "lib/image/labels_beside.hpp"

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

/// What one file of a label, "a/1" and `ending`, says of a/1.png.
std::optional<int> label_of(const std::string& ending, const std::string& contents) {
  LabelsBeside labels;
  labels.add("a/1" + ending, contents, "a/1" + ending);
  return labels.of(std::vector<std::string>{"a/1.png"})[0];
}

}  // namespace

TEST_CASE("a key is a path up to the first dot of its name", "[labels]") {
  CHECK(LabelsBeside::key_of("000.png") == "000");
  CHECK(LabelsBeside::key_of("a.b/000.left.png") == "a.b/000");
  CHECK(LabelsBeside::key_of("a.b/000") == "a.b/000");
  CHECK(LabelsBeside::may_hold("a/0.cls", 1 << 24));
  CHECK_FALSE(LabelsBeside::may_hold("a/0.cls", (1 << 24) + 1));
  CHECK(LabelsBeside::may_hold("a/0.JSON", 2));
  CHECK_FALSE(LabelsBeside::may_hold("a/0.cls2", 2));
}

TEST_CASE("a label is a whole number, alone or in an object", "[labels]") {
  CHECK(label_of(".cls", "3") == 3);
  CHECK(label_of(".cls", "0\r\n") == 0);
  CHECK(label_of(".cls",
                 "\xef\xbb\xbf"
                 "12\n") == 12);
  CHECK(label_of(".json", R"({"label": 4})") == 4);
  CHECK(label_of(".json", R"({"label": 4, "cls": 5})") == 5);
  CHECK(label_of(".meta.json", R"({"label": 4})") == 4);
  for (const char* nothing :
       {"", "[4]", "4", "{\"label\": \"cat\"}", "{\"caption\": 4}", "{\"label\": 4"})
    CHECK(label_of(".json", nothing) == std::nullopt);
}

TEST_CASE("what is no label is an error of the image that asks", "[labels]") {
  for (const char* bad : {"", "cat", "-1", "1.5", "1 2", "3000000000"})
    CHECK_THROWS_WITH(label_of(".cls", bad), StartsWith("a/1.cls: holds \"") &&
                                                 EndsWith("\"; a label is a whole number from 0"));
  CHECK_THROWS_WITH(label_of(".json", R"({"label": -1})"), StartsWith("a/1.json: label: must be"));
  CHECK_THROWS_WITH(label_of(".json", R"({"cls": 1.5})"), StartsWith("a/1.json: cls: must be"));
  LabelsBeside labels;
  labels.add("2.cls", "dog", "2.cls");
  CHECK(labels.of(std::vector<std::string>{"a/1.png", "2/a.png"}) ==
        std::vector<std::optional<int>>(2));
}

TEST_CASE("what is not JSON, and a label that is a word, say why there is no label", "[labels]") {
  LabelsBeside labels;
  CHECK_FALSE(labels.add("1.json", "{\"label\": 4", "1.json"));
  CHECK_FALSE(labels.add("2.json", R"({"cls": "shoe1"})", "2.json"));
  CHECK_FALSE(labels.add("3.json", R"({"cls": "shoe2"})", "3.json"));
  CHECK_FALSE(labels.add("4.json", R"({"cls": null, "caption": "x"})", "4.json"));
  CHECK_FALSE(labels.add("5.json", "", "5.json"));
  labels.add("5.cls", "5", "5.cls");
  using Names = std::vector<std::string>;
  CHECK_THAT(labels.why_none(Names{"4.png", "2.png", "1.png"}),
             StartsWith("2.json: cls: must be a whole number") && Contains("shoe1"));
  CHECK_THAT(labels.why_none(Names{"1.png", "2.png"}), StartsWith("1.json: "));
  CHECK(labels.why_none(Names{"3.png", "4.png", "6.png"}).empty());
  CHECK_NOTHROW(labels.refuse_broken(Names{"2.png", "4.png", "5.png"}));
  CHECK_THROWS_WITH(labels.refuse_broken(Names{"2.png", "1.png"}), StartsWith("1.json: "));
}

TEST_CASE("images without a label among others are counted", "[labels]") {
  Unlabelled images;
  for (const auto& [label, name] : {std::pair(std::optional(1), "a"), {2, "b"}})
    images.add(label, name);
  CHECK(images.remark().empty());
  images.add(std::nullopt, "c");
  CHECK(images.remark() == "1 of 3 images has no label: c");
  images.add(std::nullopt, "d");
  CHECK(images.remark() == "2 of 4 images have no label; the first of them is c");
  Unlabelled none;
  none.add(std::nullopt, "a");
  CHECK(none.remark().empty());
}

TEST_CASE("files of one key agree", "[labels]") {
  LabelsBeside labels;
  CHECK(labels.add("1.cls", "3", "1.cls"));
  CHECK(labels.add("1.json", R"({"label": 3})", "1.json"));
  CHECK_FALSE(labels.add("1.info.json", R"({"caption": ""})", "1.info.json"));
  const std::vector<std::string> image{"1.png"};
  CHECK(labels.of(image)[0] == 3);
  labels.add("1.b.json", R"({"label": 4})", "x.tar: 1.b.json");
  CHECK_THROWS_WITH(labels.of(image),
                    "x.tar: 1.b.json: has the label 4 where another file of its key has 3");
}
