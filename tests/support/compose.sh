# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Functions that make containers as Docker Compose does, which is not installed here. A script that
# runs inside a testhost sources this file, and sets $project to the directory of
# docker-compose.yml. The name of the project is 'mastodon'.
docker=/usr/bin/docker

# start_docker - starts a dockerd, also after each boot
start_docker() {
    install -d /etc/docker
    # No other storage driver works on the file system of a testhost.
    echo '{"iptables": false, "storage-driver": "vfs", "exec-opts": ["native.cgroupdriver=systemd"]}' \
        >/etc/docker/daemon.json
    systemctl enable --quiet --now docker.socket docker.service 2>/dev/null
}

# make_image - makes the image mastodon:test, which has no programs: containers see the host's /usr.
# The database has the same one by the name postgres:test, or one with PostgreSQL, whose programs are
# in the directory BIN. Also makes an internal network.
#
#   make_image [BIN]
make_image() {
    local image link
    image=$(mktemp -d)
    chmod 755 "$image"
    mkdir "$image"/{dev,etc,proc,run,srv,sys,tmp,usr}
    chmod 1777 "$image/tmp"
    cp /etc/passwd /etc/group "$image/etc/" # where dockerd looks for the users of `docker exec`
    for link in bin lib lib64 sbin; do ln -s usr/$link "$image/$link"; done
    tar -C "$image" -c . | $docker import - mastodon:test >/dev/null
    rm -r "$image"
    if [[ -n ${1-} ]]; then
        /opt/mastobak/tests/support/make-postgres-image |
            $docker import --change "ENV PATH=$1:/usr/bin:/bin" - postgres:test >/dev/null
    else
        $docker tag mastodon:test postgres:test
    fi
    $docker network create --internal mastodon_internal >/dev/null
}

# compose SERVICE NUMBER OPTION... -- COMMAND... - makes and starts a container
compose() {
    local service=$1 number=$2 image=mastodon:test options=()
    shift 2
    [[ $service != db ]] || image=postgres:test
    while [[ $1 != -- ]]; do
        options+=("$1")
        shift
    done
    shift
    $docker run --detach --name "mastodon-$service-$number" --network mastodon_internal \
        --network-alias "$service" --volume /usr:/usr:ro --volume /etc/passwd:/etc/passwd:ro \
        --label com.docker.compose.project=mastodon --label "com.docker.compose.service=$service" \
        --label "com.docker.compose.container-number=$number" \
        --label "com.docker.compose.project.working_dir=$project" \
        --label "com.docker.compose.project.config_files=$project/docker-compose.yml" \
        "${options[@]}" "$image" "$@" >/dev/null
}

# compose_mastodon SERVICE NUMBER OPTION... -- COMMAND... - does so for Mastodon's image, whose
# settings and media are the project's
compose_mastodon() {
    local service=$1 number=$2
    shift 2
    compose "$service" "$number" --restart unless-stopped --env-file "$project/.env.production" \
        --workdir /opt/mastodon --stop-timeout 5 \
        --volume "$project/public/system:/mastodon/public/system" \
        --volume "$project/stand-in:/stand-in:ro" "$@"
}
