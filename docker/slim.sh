#!/bin/sh
# Takes out of a folder of installed packages what this program never loads: half of their bytes.
set -eu
cd "$1"

# What installs packages, and tests of packages.
rm -rf pip pip-* setuptools setuptools-* pkg_resources _distutils_hack distutils-precedence.pth
rm -rf pyarrow/tests pyarrow/include pyarrow/src pyarrow/includes
find . -depth -type d -path './*/tests' -exec rm -rf {} +

# Parquet and its computations are all that is used of pyarrow; of libarrow_python three copies come with the wheel.
rm -rf pyarrow/libarrow_flight* pyarrow/libarrow_s3* pyarrow/libarrow_python_flight* \
  pyarrow/_flight* pyarrow/_s3fs* pyarrow/_gcsfs* pyarrow/_azurefs* pyarrow/_hdfs* pyarrow/_orc*
rm -f pyarrow/libarrow*.so pyarrow/libparquet*.so pyarrow/libarrow*.so.*.*.* pyarrow/*.pyx pyarrow/*.pxi pyarrow/*.pxd

# Of AWS's 400 services: S3, and those that lend credentials for it.
find botocore/data -mindepth 1 -maxdepth 1 -type d ! -name s3 ! -name sts ! -name sso ! -name sso-oidc -exec rm -rf {} +

# Pages are in English; figures are drawn in pages; the C back end is the one that is loaded.
find . -name '*.po' -delete
find django -path '*/locale/*' -name '*.mo' ! -path '*/locale/en*' -delete
rm -rf plotly/labextension plotly/package_data/datasets plotly/package_data/widgetbundle.js
rm -f zstandard/_cffi*.so
