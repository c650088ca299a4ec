#include "lib/image/archive_images.hpp"

#include <fstream>

#include "lib/base/archive.hpp"
#include "lib/base/deflate.hpp"
#include "lib/base/error.hpp"
#include "lib/base/fnv1a.hpp"
#include "lib/image/image_file.hpp"
#include "lib/image/part.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using Members = std::vector<std::pair<std::string, std::string>>;

namespace {

std::string picture(float value) {
  Image image{Tensor(Shape{2, 3, 1}), Depth::uint8};
  image.pixels.fill(value);
  return encode_image("a.png", image);
}

void write_tar(const std::string& path, const Members& members) {
  TarWriter writer(path);
  for (const auto& [name, bytes] : members) writer.add(name, bytes);
  writer.commit();
}

std::vector<ImageEntry> entries(const ImageSet& set) {
  std::vector<ImageEntry> all;
  while (auto entry = set.next()) all.push_back(*std::move(entry));
  return all;
}

/// Turns the member that begins at `header` into a symbolic link.
void make_link(std::string& tar, std::size_t header) {
  constexpr std::size_t checksum = 148, type = 156, link_name = 157;
  tar[header + type] = '2';
  tar.replace(header + link_name, 5, "/etc/");
  tar.replace(header + checksum, 8, "        ");
  unsigned sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += std::uint8_t(tar[header + i]);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  tar.replace(header + checksum, 7, digits, 7);
}

std::string little_endian(std::size_t value, std::size_t bytes) {
  std::string text;
  for (; bytes > 0; --bytes, value >>= 8) text += char(value & 0xff);
  return text;
}

/// A zip archive whose members are stored. APPNOTE 6.3, 4.3.7 and 4.3.12.
std::string zip_of(const Members& members) {
  std::string files, directory;
  for (const auto& [name, bytes] : members) {
    const std::string about = little_endian(20, 2) + std::string(8, '\0') +
                              little_endian(crc32(bytes), 4) + little_endian(bytes.size(), 4) +
                              little_endian(bytes.size(), 4) + little_endian(name.size(), 2) +
                              little_endian(0, 2);
    directory += "PK\x01\x02" + little_endian(20, 2) + about + std::string(10, '\0') +
                 little_endian(files.size(), 4) + name;
    files += "PK\x03\x04" + about + name + bytes;
  }
  const std::size_t count = members.size();
  return files + directory + "PK\x05\x06" + std::string(4, '\0') + little_endian(count, 2) +
         little_endian(count, 2) + little_endian(directory.size(), 4) +
         little_endian(files.size(), 4) + std::string(2, '\0');
}

/// RFC 1952.
std::string gzip(const std::string& bytes) {
  const std::string zlib = deflate_zlib(bytes, Packing::filtered);
  return std::string("\x1f\x8b\x08\0\0\0\0\0\0\0", 10) + zlib.substr(2, zlib.size() - 6) +
         little_endian(crc32(bytes), 4) + little_endian(bytes.size(), 4);
}

}  // namespace

TEST_CASE("zip archives of pictures are sets like tars, from files and pipes", "[image]") {
  test::Scratch scratch;
  const std::string path =
      scratch.write("photos.cbz", zip_of({{"photos/", ""},
                                          {"photos/cat/b.png", picture(-1)},
                                          {"photos/dog/a", picture(1)},
                                          {"photos/readme.txt", "two pictures"}}));
  std::vector<std::string> said;
  const ImageSetOptions options{
      .telling = {.say = [&](const std::string& text) { said.push_back(text); }}};
  for (const bool stream : {false, true}) {
    const ImageSet set = stream
                             ? open_image_stream(std::make_shared<InputFile>(path), path, options)
                             : open_images({path}, options);
    const auto all = entries(set);
    REQUIRE(all.size() == 2);
    CHECK(all[0].name == "photos/cat/b.png");
    CHECK(all[0].load().pixels(0, 0, 0) == -1);
    CHECK(all[1].name == "photos/dog/a");
    CHECK(all[1].load().pixels(0, 0, 0) == 1);
    CHECK(said.size() == (stream ? 2 : 1));
    CHECK_THAT(said.back(), EndsWith("1 file is not a picture and was passed over; `verbose` lists "
                                     "it"));
  }
  CHECK_THROWS_WITH(open_images({scratch.write("a.zip", zip_of({{"a.txt", "x"}}))}),
                    Contains("a.zip: an archive without pictures"));
}

TEST_CASE("the pictures of an archive are a set in its order, named by their paths", "[image]") {
  test::Scratch scratch;
  const std::string path = scratch / "photos.tar";
  write_tar(path, {{"./cats/b.png", picture(-1)},
                   {"dogs//a.png", picture(1)},
                   {"dogs/notes.txt", "no picture"},
                   {".hidden/c.png", picture(0)}});
  const ImageSet set = open_images({path});
  CHECK(set.count == 2u);
  CHECK(!set.passing);
  CHECK(set.label_names == std::vector<std::string>{"cats", "dogs"});
  const auto all = entries(set);
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "cats/b.png");
  CHECK(all[1].name == "dogs/a.png");
  CHECK(all[1].id == fnv1a("dogs/a.png"));
  CHECK(all[1].label == 1);
  CHECK(all[0].load().pixels(1, 2, 0) == -1);
  CHECK(all[1].load().pixels(0, 0, 0) == 1);
}

TEST_CASE("members of an archive that is not packed are read where they lie", "[image]") {
  test::Scratch scratch;
  const std::string path = scratch / "long.tar", name = std::string(300, 'x') + ".png";
  write_tar(path, {{name, picture(-1)}, {"a.png", picture(1)}, {"b.png", picture(0)}});
  const ImageSet set = open_images({path});
  const auto all = entries(set);
  REQUIRE(all.size() == 3);
  for (int again = 0; again < 2; ++again) {
    CHECK(all[2].load().pixels(0, 0, 0) == Approx(0).margin(0.01));
    CHECK(all[0].load().pixels(0, 0, 0) == -1);
    CHECK(all[1].load().pixels(0, 0, 0) == 1);
  }
  std::string tar = read_file(path);
  tar.replace(tar.find(picture(1)), 8, "no more a picture", 8);
  std::ofstream(path, std::ios::in | std::ios::binary) << tar;  // in place: entries look again
  CHECK_THROWS_WITH(all[1].load(), Contains(path + ": a.png: not an image that can be read"));
}

TEST_CASE("contents lie behind a member's headers", "[archive]") {
  test::Scratch scratch;
  const std::string path = scratch / "a.tar", name = std::string(300, 'x');
  write_tar(path, {{"a", "first"}, {name, "second"}});
  const RandomAccessFile file(path);
  CHECK(contents_position(file, 0) == 512u);
  CHECK(contents_position(file, 1024) == 1024u + 512 + 512 + 512);  // a long name before it
  CHECK(contents_position(file, file.size()) == std::nullopt);
}

TEST_CASE("dataset.json in an archive says the labels", "[image]") {
  test::Scratch scratch;
  const std::string path = scratch / "photos.tar";
  write_tar(path, {{"a.png", picture(0)},
                   {"b.png", picture(0)},
                   {"dataset.json", R"({"labels": [["b.png", 7], ["a.png", 2]]})"}});
  const auto all = entries(open_images({path}));
  CHECK(all[0].label == 2);
  CHECK(all[1].label == 7);
}

TEST_CASE("members that lead out of an archive are images that can't be read", "[image]") {
  test::Scratch scratch;
  const std::string path = scratch / "evil.tar";
  write_tar(path, {{"../up.png", picture(0)},
                   {"/etc/root.png", picture(0)},
                   {"a/../../up.png", picture(0)},
                   {"link.png", ""},
                   {"a/../good.png", picture(0)}});
  std::string tar = read_file(path);
  make_link(tar, tar.find("link.png"));
  write_file(path, tar);
  const auto all = entries(open_images({path}));
  REQUIRE(all.size() == 5);
  CHECK_THROWS_WITH(all[0].load(), path + ": ../up.png leads out of the archive");
  CHECK_THROWS_WITH(all[1].load(), path + ": /etc/root.png leads out of the archive");
  CHECK_THROWS_WITH(all[2].load(), path + ": ../up.png leads out of the archive");
  CHECK_THROWS_WITH(all[3].load(), path + ": link.png is a link, and links are not followed");
  CHECK(all[4].name == "good.png");
  CHECK_NOTHROW(all[4].load());
}

TEST_CASE("a damaged archive gives its sound pictures and one that says why", "[image]") {
  test::Scratch scratch;
  const std::string path = scratch / "short.tar";
  write_tar(path, {{"a.png", picture(0)}, {"b.png", picture(0)}});
  std::string tar = read_file(path);
  write_file(path, std::string_view(tar).substr(0, tar.find("b.png") + 520));
  const ImageSet set = open_images({path});
  CHECK(set.count == std::nullopt);
  const auto all = entries(set);
  REQUIRE(all.size() == 2);
  CHECK_NOTHROW(all[0].load());
  CHECK_THROWS_WITH(all[1].load(), Contains("short.tar: not an archive that can be read to its"));
}

TEST_CASE("an archive without pictures is refused", "[image]") {
  test::Scratch scratch;
  write_tar(scratch / "a.tar", {{"notes.txt", "none"}});
  CHECK_THROWS_WITH(open_images({scratch / "a.tar"}), Contains("an archive without pictures"));
}

TEST_CASE("arrays of one picture each are an archive's images", "[image]") {
  test::Scratch scratch;
  const std::string path = scratch / "samples.tar";
  Tensor values(Shape{2, 3, 1}, 0.123f), batch(Shape{4, 2, 3, 1}, 0.0f);
  const std::string one = npy_bytes(values);
  write_tar(path, {{"000001.npy", one},
                   {"batch.npy", npy_bytes(batch)},
                   {"000000.npy", one.substr(0, one.size() - 1)},
                   {".000002.npy", one}});
  for (const bool stream : {false, true}) {
    const ImageSet set =
        stream ? open_archive_stream(std::make_shared<InputFile>(path), {}) : open_images({path});
    CHECK(set.of_arrays == !stream);  // a stream tells it on its way
    CHECK(set.count == (stream ? std::nullopt : std::optional<std::size_t>(2)));
    const auto all = entries(set);
    REQUIRE(all.size() == 2);
    CHECK(all[0].name == "000001.npy");
    CHECK(all[0].id == fnv1a("000001.npy"));
    CHECK((all[0].load().pixels == values));
    CHECK(all[0].load().depth == Depth::float32);
    CHECK_THROWS_WITH(all[1].load(), Contains(": 000000.npy: truncated"));
  }
}

TEST_CASE("pictures and arrays in one archive are not a set", "[image]") {
  test::Scratch scratch;
  const std::string path = scratch / "both.tar";
  const std::string array = npy_bytes(Tensor(Shape{2, 3, 1}, 0.0f));
  write_tar(path, {{"a.png", picture(0)}, {"a.npy", array}});
  const std::string why = ": holds pictures (a.png) and arrays of one picture each (a.npy); a set";
  CHECK_THROWS_WITH(open_images({path}), StartsWith(path + why));
  const ImageSet stream = open_archive_stream(std::make_shared<InputFile>(path), {});
  CHECK(stream.next()->name == "a.png");
  CHECK_THROWS_WITH(stream.next(), StartsWith(path + why));
  // What is not one picture may lie beside them.
  write_tar(path, {{"a.png", picture(0)}, {"features.npy", npy_bytes(Tensor(Shape{2, 3}, 0.0f))}});
  CHECK(entries(open_images({path})).size() == 1);
}

TEST_CASE("an archive that comes as a stream is gone through once", "[image]") {
  test::Scratch scratch;
  const std::string path = scratch / "photos.tar";
  write_tar(path, {{"cats/b.png", picture(-1)}, {"dogs/a.png", picture(1)}});
  const ImageSet set = open_archive_stream(std::make_shared<InputFile>(path), {});
  CHECK(set.count == std::nullopt);
  const auto all = entries(set);
  REQUIRE(all.size() == 2);
  CHECK(all[1].name == "dogs/a.png");
  CHECK(all[1].label == std::nullopt);
  CHECK(all[1].load().pixels(0, 0, 0) == 1);
  write_tar(path, {{"notes.txt", "none"}});
  const ImageSet empty = open_archive_stream(std::make_shared<InputFile>(path), {});
  CHECK_THROWS_WITH(empty.next(), Contains("photos.tar: an archive without pictures"));
  CHECK_THROWS_AS(open_archive_stream(std::make_shared<InputFile>(path), {.labels = "prefix"}),
                  Error);
}

TEST_CASE("archives that follow one another are one set, and so is a folder of them", "[image]") {
  test::Scratch scratch;
  std::filesystem::create_directories(scratch / "shards");
  const std::string first = scratch / "shards/2.tar", second = scratch / "shards/10.tar",
                    third = scratch / "shards/11.zip";
  write_tar(first, {{"cats/a.png", picture(-1)}});
  write_tar(second, {{"dogs/b.png", picture(1)}, {"dogs/c.png", picture(1)}});
  write_file(third, zip_of({{"cats/d.png", picture(-1)}}));
  write_file(scratch / "shards/index.json", "{}");
  std::vector<std::string> said;
  const ImageSetOptions options{
      .telling = {.say = [&](const std::string& text) { said.push_back(text); }}};
  for (const auto& data : {std::vector<std::string>{first, second, third},
                           std::vector<std::string>{scratch / "shards"}}) {
    const ImageSet set = open_images(data, options);
    CHECK(set.count == 4u);
    CHECK(!set.passing);
    // No archive alone has two classes.
    CHECK(set.label_names == std::vector<std::string>{"cats", "dogs"});
    const auto all = entries(set);
    REQUIRE(all.size() == 4);
    const std::vector<std::string> names{"cats/a.png", "dogs/b.png", "dogs/c.png", "cats/d.png"};
    const std::vector<int> labels{0, 1, 1, 0};
    for (std::size_t i : {3, 1, 0, 2}) {
      CHECK(all[i].name == names[i]);
      CHECK(all[i].id == fnv1a(names[i]));
      CHECK(all[i].label == labels[i]);
      CHECK(all[i].load().pixels(0, 0, 0) == (labels[i] == 0 ? -1 : 1));
    }
  }
  REQUIRE(said.size() == 1);
  CHECK_THAT(said[0], Contains("shards: 1 file is not a picture and was passed over"));
  write_tar(scratch / "e.tar", {{"notes.txt", "none"}});
  CHECK_THROWS_WITH(open_images({first, scratch / "e.tar"}),
                    Contains("e.tar: an archive without pictures"));
}

TEST_CASE("what is called a shard and is none is an image that can't be read", "[image]") {
  test::Scratch scratch;
  const std::string folder = scratch / "s";
  write_tar(scratch.write("s/0.tar", ""), {{"cats/a.png", picture(0)}, {"dogs/b.png", picture(0)}});
  const std::pair<std::string, std::string> broken[] = {
      {"1.tar", std::string("\x01\x00\x02", 3) + std::string(5000, '\xff')},
      {"2.tar", ""},
      {"3.tar.gz", "<html>not found</html>"},
      {"4.zip", zip_of({})},
      {"5.tar", std::string(10240, '\0')},
      {"6.tar", std::string(10241, '\0')},
      {"7.tgz", gzip("not a tar")},
      {"8.zip", zip_of({{"notes.txt", "none"}})}};
  for (const auto& [name, bytes] : broken) scratch.write("s/" + name, bytes);
  std::filesystem::create_symlink("nowhere", scratch / "s/9.tar");
  scratch.write("s/arrays.zip", zip_of({{"arr_0.npy", npy_bytes(Tensor(Shape{2, 3}, 0.0f))}}));
  scratch.write("s/none.npz", zip_of({}));
  scratch.write("s/index.json", "{}");
  std::vector<std::string> said;
  const ImageSet set = open_images(
      {folder}, {.telling = {.say = [&](const std::string& text) { said.push_back(text); }}});
  CHECK(said == std::vector<std::string>{
                    folder + ": 3 files are not pictures and were passed over; `verbose` lists "
                             "them"});
  CHECK(set.count == 11u);
  CHECK(set.label_names == std::vector<std::string>{"cats", "dogs"});
  const auto all = entries(set);
  REQUIRE(all.size() == 11);
  CHECK(all[1].label == 1);
  const char* const why[] = {"is not a tar or zip archive",
                             "the file is empty",
                             "is text, not a tar or zip archive",
                             "an archive without members, and so without pictures",
                             "an archive without members, and so without pictures",
                             "is not a tar or zip archive",
                             "is a gzip file, not a tar or zip archive",
                             "an archive without pictures (PNG"};
  for (std::size_t i = 0; i < std::size(why); ++i) {
    CHECK(!all[2 + i].damage);
    CHECK_THROWS_WITH(all[2 + i].load(),
                      StartsWith(folder + "/" + broken[i].first + ": " + why[i]));
  }
  CHECK_THROWS_WITH(all[10].load(), StartsWith(folder + "/9.tar: "));
  std::filesystem::remove(scratch / "s/0.tar");
  CHECK_THROWS_WITH(open_images({folder}), StartsWith(folder + "/1.tar: is not a tar or zip"));
}

TEST_CASE("a shard that is damaged before its first picture is a damaged archive", "[image]") {
  test::Scratch scratch;
  const std::string cut = scratch.write("s/1.tar", "");
  write_tar(scratch / "s/0.tar", {{"a.png", picture(0)}});
  write_tar(cut, {{"b.png", picture(0)}});
  write_file(cut, read_file(cut).substr(0, 530));
  const ImageSet set = open_images({scratch / "s"});
  CHECK(set.count == std::nullopt);
  CHECK(set.damaged == cut);
  const auto all = entries(set);
  REQUIRE(all.size() == 2);
  CHECK(all[1].damage);
  CHECK_THROWS_WITH(all[1].load(), StartsWith(cut + ": not an archive that can be read to its"));
  CHECK_THROWS_WITH(count_to_divide(set, scratch / "s", "shard"),
                    cut +
                        ": a damaged archive does not tell its number of images, which `shard` "
                        "needs");
  CHECK_THROWS_WITH(open_images({scratch / "s/0.tar", cut}), StartsWith(cut + ": not an archive"));
}

TEST_CASE("archives without members are called that", "[image]") {
  test::Scratch scratch;
  const std::string tar = scratch.write("e.tar", std::string(10240, '\0')),
                    zip = scratch.write("e.zip", zip_of({}));
  for (const std::string& path : {tar, zip}) {
    const std::string why = path + ": an archive without members, and so without pictures";
    CHECK_THROWS_WITH(open_images({path}), why);
    CHECK_THROWS_WITH(open_image_stream(std::make_shared<InputFile>(path), path).next(), why);
  }
}

TEST_CASE("what can be read but once is named", "[image]") {
  test::Scratch scratch;
  const std::string tar = scratch / "a.tar", packed = scratch / "b.tar.gz";
  write_tar(tar, {{"a.png", picture(0)}});
  write_file(packed, gzip(read_file(tar)));
  CHECK(open_images({tar}).read_once.empty());
  CHECK(open_images({tar, packed}).read_once == packed);
  const ImageSet stream = open_archive_stream(std::make_shared<InputFile>(tar), {});
  CHECK(stream.read_once == tar);
  CHECK_THAT(stream.why_unlabelled, StartsWith("archives read through pipes have no classes"));
}

TEST_CASE("where an archive is damaged, that is why there are no labels", "[image]") {
  test::Scratch scratch;
  const std::string zip = zip_of({{"00000/a.png", picture(0)},
                                  {"00000/b.png", picture(0)},
                                  {"dataset.json", R"({"labels": [["00000/a.png", 2]]})"}});
  const std::string path = scratch.write("a.zip", zip.substr(0, zip.find("00000/b.png") + 40));
  CHECK_THAT(open_images({path}).why_unlabelled,
             StartsWith(path + ": not an archive that can be read to its end"));
}

TEST_CASE("a .json that is not JSON is an error where others have labels", "[image]") {
  test::Scratch scratch;
  Members members{{"x/1.png", picture(0)}, {"x/1.json", "{\"label\": 3"}, {"y/2.png", picture(0)}};
  write_tar(scratch / "a.tar", members);
  // The folders have their say.
  CHECK(open_images({scratch / "a.tar"}).label_names == std::vector<std::string>{"x", "y"});
  write_tar(scratch / "b.tar", {{"x/3.png", picture(0)}, {"x/3.cls", "3"}});
  const auto broken = StartsWith((scratch / "a.tar") + ": x/1.json: ");
  CHECK_THROWS_WITH(open_images({scratch / "a.tar", scratch / "b.tar"}), broken);
  members.emplace_back("x/1.cls", "3");
  write_tar(scratch / "a.tar", members);
  CHECK(entries(open_images({scratch / "a.tar"}))[0].label == 3);
  write_tar(scratch / "a.tar", {members[0], members[1]});
  CHECK_THAT(open_images({scratch / "a.tar"}).why_unlabelled, broken);
  write_tar(scratch / "a.tar", {members[0], {"x/1.json", R"({"label": "shoe1"})"}});
  CHECK_THAT(open_images({scratch / "a.tar"}).why_unlabelled,
             StartsWith((scratch / "a.tar") + ": x/1.json: label: must be a whole number") &&
                 Contains("shoe1"));
}

TEST_CASE("a file of labels goes with several archives as with one", "[image]") {
  test::Scratch scratch;
  write_tar(scratch / "a.tar", {{"a.png", picture(0)}});
  write_tar(scratch / "b.tar", {{"b.png", picture(0)}});
  const std::string labels =
      scratch.write("labels.json", R"({"labels": [["b.png", 5], ["a.png", 4]]})");
  const auto all = entries(open_images({scratch / "a.tar", scratch / "b.tar"}, {.labels = labels}));
  REQUIRE(all.size() == 2);
  CHECK(all[0].label == 4);
  CHECK(all[1].label == 5);
}

TEST_CASE("each archive's dataset.json speaks of its own members", "[image]") {
  test::Scratch scratch;
  const auto labelled = [](int label) {
    return Members{{"a.png", picture(0)},
                   {"dataset.json", "{\"labels\": [[\"a.png\", " + std::to_string(label) + "]]}"}};
  };
  write_file(scratch / "a.zip", zip_of(labelled(3)));
  write_tar(scratch / "b.tar", labelled(8));
  write_tar(scratch / "c.tar", {{"a.png", picture(0)}, {"a.cls", "9"}});
  const auto all = entries(open_images({scratch / "a.zip", scratch / "b.tar", scratch / "c.tar"}));
  REQUIRE(all.size() == 3);
  CHECK(all[0].label == 3);
  CHECK(all[1].label == 8);
  CHECK(all[2].label == std::nullopt);
}

TEST_CASE("a dataset.json that can't be read is an error, not the archive's end", "[image]") {
  test::Scratch scratch;
  const Members members{{"a_1.png", picture(0)}, {"dataset.json", "{\"labels\""}};
  write_tar(scratch / "a.tar", members);
  write_file(scratch / "b.zip", zip_of(members));
  for (const char* data : {"a.tar", "b.zip"}) {
    CHECK_THROWS_WITH(open_images({scratch / data}),
                      Contains(std::string(data) + ": dataset.json: "));
    CHECK(open_images({scratch / data}, {.labels = "prefix"}).count == 1u);
  }
}

TEST_CASE("labels beside the members of tar, zip and packed archives, and of folders", "[image]") {
  test::Scratch scratch;
  const Members members{
      {"x/1.left.png", picture(0)}, {"x/1.cls", "12\n"},
      {"x/2.png", picture(0)},      {"x/2.json", R"({"label": 7, "w": NaN})"},
      {"x/3.png", picture(0)},      {"x/3.txt", "no label"},
      {"y/4.png", picture(0)},      {"y/4.json", R"({"cls": 3, "label": "cat"})"}};
  write_tar(scratch / "a.tar", members);
  write_file(scratch / "b.zip", zip_of(members));
  for (const auto& [name, bytes] : members) {
    const std::filesystem::path path = scratch / ("folder/" + name);
    std::filesystem::create_directories(path.parent_path());
    write_file(path.string(), bytes);
  }
  for (const char* data : {"a.tar", "b.zip", "folder"}) {
    const auto all = entries(open_images({scratch / data}));
    REQUIRE(all.size() == 4);
    CHECK(all[0].label == 12);
    CHECK(all[1].label == 7);
    CHECK(all[2].label == std::nullopt);
    CHECK(all[3].label == 3);
  }
  // What only looks like labels leaves the folders their say.
  write_tar(scratch / "c.tar", {{"x/1.png", picture(0)},
                                {"x/1.json", R"({"caption": "one"})"},
                                {"y/2.png", picture(0)},
                                {"other.cls", "5"}});
  CHECK(open_images({scratch / "c.tar"}).label_names == std::vector<std::string>{"x", "y"});
}

TEST_CASE("members of a zip archive are read where they lie", "[image]") {
  test::Scratch scratch;
  const std::string path =
      scratch.write("a.zip", zip_of({{"b.png", picture(-1)}, {"a.png", picture(1)}}));
  const ImageSet set = open_images({path});
  CHECK(set.count == 2u);
  CHECK(!set.passing);
  const auto all = entries(set);
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "b.png");  // the archive's order
  for (int again = 0; again < 2; ++again) {
    CHECK(all[1].load().pixels(0, 0, 0) == 1);
    CHECK(all[0].load().pixels(0, 0, 0) == -1);
  }
  std::string zip = read_file(path);
  zip[zip.find("IDAT") + 6] ^= 1;
  std::ofstream(path, std::ios::in | std::ios::binary) << zip;
  CHECK_THROWS_WITH(all[0].load(), path + ": b.png: damaged (its check sum differs)");
  // Cut off, it has no directory.
  write_file(path, zip.substr(0, zip.find("a.png") + 20));
  const ImageSet cut = open_images({path});
  CHECK(cut.count == std::nullopt);
  CHECK(entries(cut).back().damage);
}

TEST_CASE("no more than a few of many archives are open", "[image]") {
  test::Scratch scratch;
  std::vector<std::string> paths;
  for (int i = 0; i < 100; ++i) {
    paths.push_back(scratch / (std::to_string(i) + ".tar"));
    write_tar(paths.back(), {{std::to_string(i) + ".png", picture(i % 2 == 0 ? 1 : -1)}});
  }
  const auto open_files = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = open_files();
  const auto all = entries(open_images(paths));
  REQUIRE(all.size() == 100);
  for (std::size_t i = 0; i < 100; ++i)
    CHECK(all[i].load().pixels(0, 0, 0) == (i % 2 == 0 ? 1 : -1));
  CHECK(open_files() <= before + 32);
}
