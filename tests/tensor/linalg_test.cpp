#include "lib/tensor/linalg.hpp"

#include <cmath>
#include <cstring>

#include "lib/base/parallel.hpp"
#include "lib/rng/noise_source.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

Array random_matrix(std::size_t rows, std::size_t columns, std::uint64_t id) {
  std::vector<float> values(rows * columns);
  NoiseSource(1, "linalg-test").fill(values, id, 0);
  Array matrix(Array::shape_type{rows, columns});
  std::copy(values.begin(), values.end(), matrix.begin());
  return matrix;
}

Array gram(const Array& rows) {
  Array sum = xt::zeros<double>({rows.shape()[1], rows.shape()[1]});
  add_gram(sum, rows);
  mirror_lower(sum);
  return sum;
}

double largest_difference(const Array& a, const Array& b) {
  REQUIRE((a.shape() == b.shape()));
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    worst = std::max(worst, std::abs(a.data()[i] - b.data()[i]));
  return worst;
}

}  // namespace

TEST_CASE("matrix products equal their definition", "[linalg]") {
  const Array a = random_matrix(150, 37, 0), b = random_matrix(131, 37, 1);
  Array expected = xt::zeros<double>({150, 131});
  for (std::size_t i = 0; i < 150; ++i)
    for (std::size_t j = 0; j < 131; ++j)
      for (std::size_t k = 0; k < 37; ++k) expected(i, j) += a(i, k) * b(j, k);
  CHECK(largest_difference(multiply_transposed(a, b), expected) < 1e-13);

  const Array c = random_matrix(20, 140, 2);
  Array transposed(Array::shape_type{140, 20});
  for (std::size_t i = 0; i < 20; ++i)
    for (std::size_t j = 0; j < 140; ++j) transposed(j, i) = c(i, j);
  CHECK(largest_difference(gram(c), multiply_transposed(transposed, transposed)) < 1e-13);
}

TEST_CASE("singular values of a known matrix", "[linalg]") {
  // [[3, 0], [4, 5]] has singular values sqrt(45) and sqrt(5).
  Array known(Array::shape_type{2, 2});
  known(0, 0) = 3, known(0, 1) = 0, known(1, 0) = 4, known(1, 1) = 5;
  const auto values = singular_values(known);
  CHECK(values[0] == Approx(std::sqrt(45.0)).epsilon(1e-14));
  CHECK(values[1] == Approx(std::sqrt(5.0)).epsilon(1e-14));
}

TEST_CASE("singular values of a wide matrix keep its norm", "[linalg]") {
  const Array wide = random_matrix(30, 200, 3);
  double frobenius = 0, squares = 0;
  for (const double x : wide) frobenius += x * x;
  const auto values = singular_values(wide);
  REQUIRE(values.size() == 30);
  for (const double s : values) squares += s * s;
  CHECK(squares == Approx(frobenius).epsilon(1e-13));
  CHECK(std::is_sorted(values.rbegin(), values.rend()));
}

TEST_CASE("the pivoted Cholesky factor restores the matrix and finds its rank", "[linalg]") {
  const Array full = gram(random_matrix(300, 140, 4));
  const Array factor = pivoted_cholesky(full);
  CHECK(factor.shape()[0] == 140);
  CHECK(largest_difference(gram(factor), full) < 1e-11);

  const Array singular = gram(random_matrix(25, 140, 5));
  const Array thin = pivoted_cholesky(singular);
  CHECK(thin.shape()[0] == 25);
  CHECK(largest_difference(gram(thin), singular) < 1e-11);

  CHECK(pivoted_cholesky(xt::zeros<double>({4, 4})).shape()[0] == 0);
}

TEST_CASE("the Cholesky factor restores a definite matrix and refuses another", "[linalg]") {
  const Array definite = gram(random_matrix(300, 140, 8));
  const auto factor = cholesky(definite);
  REQUIRE(factor.has_value());
  CHECK((*factor)(1, 0) == 0);
  CHECK(largest_difference(gram(*factor), definite) < 1e-11);

  Array indefinite = definite;
  indefinite(139, 139) = -1;
  CHECK_FALSE(cholesky(indefinite).has_value());
}

TEST_CASE("a congruence has the eigenvalues of the product", "[linalg]") {
  const Array a = gram(random_matrix(300, 140, 9)), b = gram(random_matrix(300, 140, 10));
  const Array whole = *cholesky(a), thin = random_matrix(130, 140, 11);
  for (const Array& f : {whole, thin}) {
    const Array fs = multiply_transposed(f, b);  // b is its own transpose
    Array product = congruence(f, b);
    mirror_lower(product);
    CHECK(largest_difference(product, multiply_transposed(fs, f)) < 1e-9);
  }
  // Of F S F^T with S = G^T G they are the squares of the singular values of F G^T.
  const auto values = eigenvalues(congruence(whole, b));
  auto roots = singular_values(multiply_transposed(whole, *cholesky(b)));
  std::ranges::reverse(roots);
  REQUIRE(values.size() == roots.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    CHECK(values[i] == Approx(roots[i] * roots[i]).margin(1e-11 * values.back()));
}

TEST_CASE("linear algebra has the same bits for any number of threads", "[linalg]") {
  const Array a = random_matrix(333, 400, 6), b = random_matrix(90, 400, 7);
  const auto all = [&] {
    std::vector<double> bits = singular_values(a);
    for (const Array& part :
         {multiply_transposed(a, b), gram(a), pivoted_cholesky(gram(a)), congruence(b, gram(a))})
      bits.insert(bits.end(), part.begin(), part.end());
    return bits;
  };
  const int before = threads();
  set_threads(1);
  const auto one = all();
  set_threads(2);
  const auto two = all();
  set_threads(before);
  REQUIRE(one.size() == two.size());
  CHECK(std::memcmp(one.data(), two.data(), one.size() * sizeof(double)) == 0);
}
